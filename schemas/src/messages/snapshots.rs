//! What is wrong with a snapshot as a whole, and with records that speak of several.

use super::{Message, Text};

pub(super) const MESSAGES: &[Message] = &[
    Message {
        code: "SNAPSHOT_HEADER",
        title: Text {
            zh: "快照结束标记缺少序号或行数",
            en: "ends a snapshot without its number or its count of rows",
        },
        expected: Text {
            zh: "消息头 seq 与 rows 均为十进制整数",
            en: "headers seq and rows as decimal numbers",
        },
        help: Text {
            zh: "请补全消息头后重新推送整份快照及结束标记。",
            en: "Complete the headers and send the whole snapshot again, marker included.",
        },
    },
    Message {
        code: "SNAPSHOT_ROWS",
        title: Text {
            zh: "快照行数与结束标记不符，未撤回任何记录",
            en: "ends a snapshot whose count of rows is another, and takes nothing back",
        },
        expected: Text {
            zh: "收到的行数等于消息头 rows",
            en: "as many rows as the header rows says",
        },
        help: Text {
            zh: "请核对是否漏发或重发，然后重新推送整份快照及结束标记。",
            en: "Look for rows that were left out or sent twice, and send the whole snapshot again, marker included.",
        },
    },
    Message {
        code: "SNAPSHOT_KEYS",
        title: Text {
            zh: "快照中有无法识别主键的行，未撤回任何记录",
            en: "ends a snapshot with rows whose key cannot be read, and takes nothing back",
        },
        expected: Text {
            zh: "每一行都有可识别的主键",
            en: "a readable key in every row",
        },
        help: Text {
            zh: "请更正这些行后重新推送整份快照及结束标记。",
            en: "Correct those rows and send the whole snapshot again, marker included.",
        },
    },
    Message {
        code: "SNAPSHOT_SHRINK",
        title: Text {
            zh: "快照比上一份少得过多，未撤回任何记录",
            en: "ends a snapshot with far fewer rows than the one before, and takes nothing back",
        },
        expected: Text {
            zh: "行数减少不超过契约的 maxShrink",
            en: "no more rows missing than the contract's maxShrink allows",
        },
        help: Text {
            zh: "请核对是否漏发；确属减少的，请与平台商定后调整契约。",
            en: "Look for rows that were left out; if they are rightly gone, agree on another maxShrink in the contract.",
        },
    },
    Message {
        code: "ELEMENTS",
        title: Text {
            zh: "数组元素过多",
            en: "holds more elements in its array than are read",
        },
        expected: Text {
            zh: "数组元素不超过二百余个",
            en: "at most some two hundred elements",
        },
        help: Text {
            zh: "请将该记录拆分后重新推送。",
            en: "Split the record and send it again.",
        },
    },
    Message {
        code: "PARTY_AMBIGUOUS",
        title: Text {
            zh: "既可能是个人证件号也可能是单位代码",
            en: "may be the number of a person as well as of an organisation",
        },
        expected: Text {
            zh: "能确定类别的号码，或同时给出证件类型",
            en: "a number of one kind, or the type of the document beside it",
        },
        help: Text {
            zh: "请补充证件类型后重新推送该记录。",
            en: "Send the type of the document with it.",
        },
    },
];
