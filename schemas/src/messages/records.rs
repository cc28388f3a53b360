//! Whole messages and records: shape, format, key, order, subject, corrections.
//!
//! Leaves alone: every other family of codes.

use super::{Message, Text};

pub(super) const MESSAGES: &[Message] = &[
    Message {
        code: "SYNTAX",
        title: Text {
            zh: "无法解析",
            en: "cannot be read",
        },
        expected: Text {
            zh: "完整的、符合声明格式的一条消息",
            en: "a whole message in the declared format",
        },
        help: Text {
            zh: "请检查消息是否被截断、转义或换行有误。请更正后以相同记录键重新推送该记录。",
            en: "Check whether the message was cut off or wrongly escaped. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ENCODING",
        title: Text {
            zh: "字符编码与契约不符",
            en: "is not in the declared encoding",
        },
        expected: Text {
            zh: "数据契约声明的字符编码",
            en: "the encoding that the contract declares",
        },
        help: Text {
            zh: "请按契约声明的编码输出后重新推送，不要混用编码。",
            en: "Write the declared encoding, never a mixture, and send the record again.",
        },
    },
    Message {
        code: "SIZE",
        title: Text {
            zh: "超过消息大小上限",
            en: "is larger than a message may be",
        },
        expected: Text {
            zh: "不超过平台上限的消息",
            en: "a message within the bound of the platform",
        },
        help: Text {
            zh: "请拆分后重新推送。",
            en: "Split it and send the parts.",
        },
    },
    Message {
        code: "DEPTH",
        title: Text {
            zh: "嵌套层数过多",
            en: "is nested too deeply",
        },
        expected: Text {
            zh: "不超过平台上限的嵌套层数",
            en: "nesting within the bound of the platform",
        },
        help: Text {
            zh: "请检查导出程序是否把对象嵌套进自身，改正后重新推送。",
            en: "Check whether the export nests an object into itself, and send the record again.",
        },
    },
    Message {
        code: "EMPTY",
        title: Text {
            zh: "内容为空",
            en: "is empty",
        },
        expected: Text {
            zh: "一条有内容的记录；撤回记录须写明操作 D",
            en: "a record with content; to take one back name operation D",
        },
        help: Text {
            zh: "如需撤回，请在消息头 op 中写 D；否则请重新推送完整记录。",
            en: "To take a record back set header op to D; else send the whole record again.",
        },
    },
    Message {
        code: "COLUMNS",
        title: Text {
            zh: "列与契约不符",
            en: "has other columns than the contract",
        },
        expected: Text {
            zh: "CSV：与契约一致的表头，且各行列数相同；定长：每行字节数等于各字段宽度之和",
            en: "of CSV the header line of the contract and as many cells in every row, of fixed width lines of the declared length in bytes",
        },
        help: Text {
            zh: "请按契约导出；CSV 请检查未加引号的逗号和换行，定长请勿删去行尾空格。",
            en: "Export as the contract says; in CSV look for commas and line breaks without quotes, in fixed width keep the blanks at line ends.",
        },
    },
    Message {
        code: "ENVELOPE",
        title: Text {
            zh: "变更信封不完整",
            en: "has no sound change envelope",
        },
        expected: Text {
            zh: "契约所声明的变更信封，含操作类型及该操作所需的数据（变更前或变更后）",
            en: "the change envelope that the contract declares, with an operation and the image that it needs",
        },
        help: Text {
            zh: "请检查变更捕获程序的输出配置。",
            en: "Check how the change capture is configured.",
        },
    },
    Message {
        code: "SCHEMA_ID",
        title: Text {
            zh: "缺少模式编号",
            en: "carries no schema id",
        },
        expected: Text {
            zh: "以字节 0 和四字节模式编号开头、由注册中心序列化器写出的消息",
            en: "a message of the registry's serialiser: byte 0, four bytes of schema id, the body",
        },
        help: Text {
            zh: "请使用契约所声明格式（Avro 或 Protobuf）的注册中心序列化器写出消息后重新推送。",
            en: "Write the message with the serialiser of the declared format (Avro or Protobuf) and send the record again.",
        },
    },
    Message {
        code: "SCHEMA_UNKNOWN",
        title: Text {
            zh: "注册中心没有该模式编号",
            en: "names a schema that the registry does not have",
        },
        expected: Text {
            zh: "已在契约所指注册中心登记的模式编号",
            en: "the id of a schema in the registry that the contract names",
        },
        help: Text {
            zh: "请核对序列化器所用的注册中心地址，登记模式后重新推送该记录。",
            en: "Check which registry the serialiser uses, register the schema and send the record again.",
        },
    },
    Message {
        code: "SCHEMA_UNUSABLE",
        title: Text {
            zh: "模式不可用",
            en: "is written by a schema that cannot be used",
        },
        expected: Text {
            zh: "与契约格式一致、可以编译的模式",
            en: "a sound schema of the format that the contract declares",
        },
        help: Text {
            zh: "请核对模式的种类（Avro 或 Protobuf）及其引用，改正后重新推送该记录。",
            en: "Check the kind of the schema and what it imports, register a sound one and send the record again.",
        },
    },
    Message {
        code: "TRUNCATED_CHARACTER",
        title: Text {
            zh: "在字段末尾被截断了半个汉字",
            en: "was cut in the middle of a character",
        },
        expected: Text {
            zh: "按字符截断，或字段宽度足以容纳全部内容",
            en: "a text that is cut between characters, or a field wide enough for the whole",
        },
        help: Text {
            zh: "请加宽该定长字段，或改用 CSV、JSON 推送；平台暂用截断前的完整字符。",
            en: "Widen the field, or send CSV or JSON; until then the whole characters before the cut are used.",
        },
    },
    Message {
        code: "FORMAT_UNKNOWN",
        title: Text {
            zh: "消息头所示的格式不在契约之内",
            en: "names a format in its header that the contract does not have",
        },
        expected: Text {
            zh: "消息头 content-type 或 format 为契约 servers 所列格式之一，或省略",
            en: "one of the formats of the contract's servers in content-type or format, or neither header",
        },
        help: Text {
            zh: "请更正消息头，例如 application/xml 或 application/json，然后重新推送。",
            en: "Correct the header, for example application/xml or application/json, and send the message again.",
        },
    },
    Message {
        code: "TABLE_EMPTIED",
        title: Text {
            zh: "源表被整表清空（TRUNCATE），未逐条撤回",
            en: "says that the whole source table was emptied, and takes back no record by its key",
        },
        expected: Text {
            zh: "逐条删除，每条被撤回的记录各有一条变更",
            en: "one deletion for each record that is taken back",
        },
        help: Text {
            zh: "请逐条推送删除（或以 DELETE 代替 TRUNCATE），否则平台中的记录仍然有效。",
            en: "Send a deletion for each record, or use DELETE instead of TRUNCATE; until then the records stay in the file.",
        },
    },
    Message {
        code: "KEY_MISSING",
        title: Text {
            zh: "缺少记录键",
            en: "has no record key",
        },
        expected: Text {
            zh: "契约所列记录键的每个字段都有值",
            en: "a value in every field of the record key",
        },
        help: Text {
            zh: "请补全记录键后重新推送；没有记录键的记录无法更正或撤回。",
            en: "Fill the key and send the record again; without a key it can be neither corrected nor taken back.",
        },
    },
    Message {
        code: "KEY_FORMAT",
        title: Text {
            zh: "记录键无法读取",
            en: "has a record key that cannot be read",
        },
        expected: Text {
            zh: "记录键的每个字段都是契约声明类型的单个值",
            en: "one value of the declared type in every field of the record key",
        },
        help: Text {
            zh: "请检查导出程序中记录键的类型后重新推送；没有记录键的记录无法更正或撤回。",
            en: "Check the type of the key in the export and send the record again; without a key it can be neither corrected nor taken back.",
        },
    },
    Message {
        code: "ORDER_MISSING",
        title: Text {
            zh: "缺少排序依据",
            en: "lacks what orders it",
        },
        expected: Text {
            zh: "契约 order 所列的字段或消息头都有值",
            en: "a value in every field or header that the contract names in order",
        },
        help: Text {
            zh: "请补上排序字段或消息头（如 seq）后重新推送。",
            en: "Fill the field or header, for example seq, and send the record again.",
        },
    },
    Message {
        code: "ORDER_FORMAT",
        title: Text {
            zh: "排序依据无法读取",
            en: "has an order that cannot be read",
        },
        expected: Text {
            zh: "按契约声明的整数或时间格式书写",
            en: "a number or time as the contract declares it",
        },
        help: Text {
            zh: "请按契约的格式书写排序字段或消息头后重新推送。",
            en: "Write it as the contract declares and send the record again.",
        },
    },
    Message {
        code: "SUBJECT_MISSING",
        title: Text {
            zh: "未指明主体",
            en: "names no subject",
        },
        expected: Text {
            zh: "至少一个有效的主体证件号码或代码",
            en: "at least one sound identifier of the subject",
        },
        help: Text {
            zh: "请补充证件号码或统一社会信用代码后重新推送。",
            en: "Fill the identifier and send the record again.",
        },
    },
    Message {
        code: "SUBJECT_AMBIGUOUS",
        title: Text {
            zh: "含两个不一致的同类号码",
            en: "names two unequal identifiers of one class",
        },
        expected: Text {
            zh: "同类号码只有一个，或彼此一致",
            en: "one identifier of each class, or equal ones",
        },
        help: Text {
            zh: "请核对哪个号码正确；平台暂按契约中靠前的字段处理。",
            en: "Check which of them is right; until then the field first in the contract speaks.",
        },
    },
    Message {
        code: "CORRECTS_FORMAT",
        title: Text {
            zh: "消息头 corrects 格式有误",
            en: "has a malformed header corrects",
        },
        expected: Text {
            zh: "一个问题单编号，如 dqi_ 开头的 26 位编号",
            en: "one issue id as our events name it",
        },
        help: Text {
            zh: "请原样抄写事件中的 issueId；更正以记录键为准，不填该消息头也可以。",
            en: "Copy issueId from the event; corrections are found by key, so the header may also be left out.",
        },
    },
    Message {
        code: "CORRECTS_UNKNOWN",
        title: Text {
            zh: "消息头 corrects 所指问题单不存在",
            en: "corrects an issue that does not exist",
        },
        expected: Text {
            zh: "一个现有问题单编号",
            en: "the id of an existing issue",
        },
        help: Text {
            zh: "请原样抄写事件中的 issueId。",
            en: "Copy issueId from the event.",
        },
    },
    Message {
        code: "CORRECTS_FOREIGN",
        title: Text {
            zh: "消息头 corrects 所指问题单属于其他部门",
            en: "corrects an issue of another agency",
        },
        expected: Text {
            zh: "本单位的问题单编号",
            en: "the id of an issue of your own agency",
        },
        help: Text {
            zh: "请核对 issueId；一个部门不能更正另一部门的记录。",
            en: "Check issueId; an agency cannot correct the records of another.",
        },
    },
    Message {
        code: "CORRECTS_SOUND_KEY",
        title: Text {
            zh: "更正了记录键完好的问题单",
            en: "corrects an issue whose record has a sound key",
        },
        expected: Text {
            zh: "以相同记录键重新推送",
            en: "the record sent again with the same key",
        },
        help: Text {
            zh: "请以原记录键推送更正后的记录；该消息头只用于没有记录键的记录。",
            en: "Send the corrected record with its key; the header is for records without one only.",
        },
    },
    Message {
        code: "CORRECTS_MANY",
        title: Text {
            zh: "多行消息不能使用消息头 corrects",
            en: "uses the header corrects in a message of several records",
        },
        expected: Text {
            zh: "每条消息只有一条记录时才使用该消息头",
            en: "the header in messages of one record only",
        },
        help: Text {
            zh: "请以记录键推送更正；多行消息无需该消息头。",
            en: "Send corrections by their key; messages of several records need no header.",
        },
    },
    Message {
        code: "CORRECTS_SAME_KEY",
        title: Text {
            zh: "更正本身已由记录键识别",
            en: "corrects an issue of its own key",
        },
        expected: Text {
            zh: "以记录键识别的更正不需要该消息头",
            en: "no header where the key already tells",
        },
        help: Text {
            zh: "无需处理；记录键相同时可省去该消息头。",
            en: "Nothing to do; with the same key the header may be left out.",
        },
    },
    Message {
        code: "CORRECTS_NOT_PASSED",
        title: Text {
            zh: "未通过所更正问题单的规则",
            en: "did not pass the rule of the issue that it corrects",
        },
        expected: Text {
            zh: "被接收并通过该问题单规则的记录",
            en: "a record that is accepted and passes the rule of the issue",
        },
        help: Text {
            zh: "请对照该问题单的要求再次核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with what the issue expects. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PLATFORM_ERROR",
        title: Text {
            zh: "平台处理失败",
            en: "could not be processed by the platform",
        },
        expected: Text {
            zh: "平台能够处理每一条消息",
            en: "the platform processes every message",
        },
        help: Text {
            zh: "无需贵单位处理。平台修复后会自动重新判定。",
            en: "Nothing for you to do. The record is judged again once the platform is mended.",
        },
    },
];
