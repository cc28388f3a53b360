//! Persons' identifiers (GB 11643-1999 and the documents beside it).
//!
//! Leaves alone: every other family of codes.

use super::{Message, Text};

pub(super) const MESSAGES: &[Message] = &[
    Message {
        code: "ID_LEN",
        title: Text {
            zh: "位数不对",
            en: "has the wrong length for its document",
        },
        expected: Text {
            zh: "18 位公民身份号码，或该类证件规定的位数",
            en: "18 characters for a resident id, or the length of the document",
        },
        help: Text {
            zh: "请在本单位系统中对照证件核对号码。请更正后以相同记录键重新推送该记录。",
            en: "Compare the number with the document. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_FORMAT",
        title: Text {
            zh: "含不允许的字符",
            en: "has characters that its document does not have",
        },
        expected: Text {
            zh: "前 17 位为数字，第 18 位为数字或 X",
            en: "17 digits and a digit or X for a resident id",
        },
        help: Text {
            zh: "请在本单位系统中对照证件核对号码。请更正后以相同记录键重新推送该记录。",
            en: "Compare the number with the document. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_CHECK",
        title: Text {
            zh: "校验位不符",
            en: "fails its check character",
        },
        expected: Text {
            zh: "第18位应为按 GB 11643 计算的校验码",
            en: "character 18 must be the GB 11643 check character",
        },
        help: Text {
            zh: "请对照证件核对；若尾数为 000，多为号码被当作数字存储，须改为文本。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the document; a number ending in 000 was probably stored as a number and has to be text. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_MASKED",
        title: Text {
            zh: "已脱敏",
            en: "is masked",
        },
        expected: Text {
            zh: "未脱敏的证件号码",
            en: "a number that is not masked",
        },
        help: Text {
            zh: "请推送未脱敏的号码。请更正后以相同记录键重新推送该记录。",
            en: "Send the number unmasked. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_BIRTHDATE",
        title: Text {
            zh: "中的出生日期不存在",
            en: "contains no possible birth date",
        },
        expected: Text {
            zh: "第 7 至 14 位为真实且不晚于业务时间的日期",
            en: "a real date, not after the event, in digits 7 to 14",
        },
        help: Text {
            zh: "请在本单位系统中对照证件核对号码。请更正后以相同记录键重新推送该记录。",
            en: "Compare the number with the document. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_PROVINCE",
        title: Text {
            zh: "的省份代码不存在",
            en: "begins with no province",
        },
        expected: Text {
            zh: "前两位为现有省级代码",
            en: "the code of a province in the first two digits",
        },
        help: Text {
            zh: "请在本单位系统中对照证件核对号码。请更正后以相同记录键重新推送该记录。",
            en: "Compare the number with the document. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_REGION_UNKNOWN",
        title: Text {
            zh: "的地区代码未收录",
            en: "begins with a region that is not on record",
        },
        expected: Text {
            zh: "GB/T 2260 历年收录的地区代码",
            en: "a region that GB/T 2260 has had",
        },
        help: Text {
            zh: "仅作提示，无需处理。",
            en: "A note only; nothing to do.",
        },
    },
    Message {
        code: "ID_SEQUENCE_000",
        title: Text {
            zh: "的顺序码为 000",
            en: "has the sequence 000",
        },
        expected: Text {
            zh: "001 至 999 的顺序码",
            en: "a sequence from 001 to 999",
        },
        help: Text {
            zh: "仅作提示；如有误请对照证件核对。",
            en: "A note only; compare with the document if in doubt.",
        },
    },
    Message {
        code: "ID_FOLDED",
        title: Text {
            zh: "书写不规范",
            en: "was not written in its plain form",
        },
        expected: Text {
            zh: "半角字符、大写 X、无空格",
            en: "plain characters, a capital X and no blanks",
        },
        help: Text {
            zh: "平台已自动规范；建议在导出时统一。",
            en: "Repaired by the platform; better written so by the export.",
        },
    },
    Message {
        code: "ID_TYPE",
        title: Text {
            zh: "的证件类型无法确定",
            en: "has a document of unknown type",
        },
        expected: Text {
            zh: "契约代码表中的证件类型",
            en: "a document type of the contract's code list",
        },
        help: Text {
            zh: "请补全证件类型代码；平台不猜测证件类型。",
            en: "Fill the type of the document; it is never guessed.",
        },
    },
    Message {
        code: "FLOAT_TRUNCATED",
        title: Text {
            zh: "疑似被当作数字存储",
            en: "was probably stored as a number",
        },
        expected: Text {
            zh: "以文本存储和传输的号码",
            en: "a number stored and sent as text",
        },
        help: Text {
            zh: "请将该列改为文本类型，从原始资料恢复末位。请更正后以相同记录键重新推送该记录。",
            en: "Turn the column into text and restore the last digits from the source. Correct it and send the record again with the same key.",
        },
    },
];
