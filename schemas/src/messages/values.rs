//! Values of fields: type, codes, dates, names, money, places.
//!
//! Leaves alone: every other family of codes.

use super::{Message, Text};

pub(super) const MESSAGES: &[Message] = &[
    Message {
        code: "TYPE",
        title: Text {
            zh: "数据类型与契约不符",
            en: "has another type than declared",
        },
        expected: Text {
            zh: "契约声明的数据类型；号码必须是文本，不能是数字",
            en: "the declared type; identifiers are texts and never numbers",
        },
        help: Text {
            zh: "请检查导出程序的字段类型。请更正后以相同记录键重新推送该记录。",
            en: "Check the type of the field in the export. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DATE_FORMAT",
        title: Text {
            zh: "不是契约规定的日期格式",
            en: "is not written as a date of the declared form",
        },
        expected: Text {
            zh: "契约声明的日期格式中的一种",
            en: "one of the date forms that the contract declares",
        },
        help: Text {
            zh: "请统一日期格式。请更正后以相同记录键重新推送该记录。",
            en: "Write dates in one of those forms. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DATE_INVALID",
        title: Text {
            zh: "不是真实存在的日期",
            en: "is no day of the calendar",
        },
        expected: Text {
            zh: "公历中存在的日期",
            en: "a day that the calendar has",
        },
        help: Text {
            zh: "请核对年月日。请更正后以相同记录键重新推送该记录。",
            en: "Check year, month and day. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DATE_SENTINEL",
        title: Text {
            zh: "用填充日期代替空值",
            en: "is a filler date",
        },
        expected: Text {
            zh: "真实日期，没有则留空",
            en: "a real date, or nothing",
        },
        help: Text {
            zh: "请勿用 19000101、99991231 等代替空值。请更正后以相同记录键重新推送该记录。",
            en: "Leave unknown dates empty; 19000101 and 99991231 are none. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "NUMBER_FORMAT",
        title: Text {
            zh: "无法识别为数字",
            en: "is not written as a number",
        },
        expected: Text {
            zh: "不带单位和千分位的十进制数",
            en: "a decimal number without unit or separators",
        },
        help: Text {
            zh: "请只写数字。请更正后以相同记录键重新推送该记录。",
            en: "Write digits only. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "REQUIRED",
        title: Text {
            zh: "缺少必填值",
            en: "is missing",
        },
        expected: Text {
            zh: "必须有值",
            en: "a value",
        },
        help: Text {
            zh: "请补全该字段。请更正后以相同记录键重新推送该记录。",
            en: "Fill the field. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ENUM",
        title: Text {
            zh: "不在允许的取值内",
            en: "is none of the allowed codes",
        },
        expected: Text {
            zh: "契约所列取值之一",
            en: "one of the codes that the contract lists",
        },
        help: Text {
            zh: "如为新增代码，请联系平台更新契约。请更正后以相同记录键重新推送该记录。",
            en: "If the code is new, ask the platform to add it to the contract. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "CODESET",
        title: Text {
            zh: "不在代码表内",
            en: "is not in the code list",
        },
        expected: Text {
            zh: "现行代码表中的代码",
            en: "a code of the list in force",
        },
        help: Text {
            zh: "请改用现行代码；已撤销的代码须转换。请更正后以相同记录键重新推送该记录。",
            en: "Use the code in force; retired codes have to be converted. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PATTERN",
        title: Text {
            zh: "不符合规定格式",
            en: "does not have the prescribed form",
        },
        expected: Text {
            zh: "契约规定的书写格式",
            en: "the form that the contract prescribes",
        },
        help: Text {
            zh: "请对照契约检查书写格式和乱码。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the contract; look for garbled characters. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "LENGTH",
        title: Text {
            zh: "长度不符",
            en: "has the wrong length",
        },
        expected: Text {
            zh: "契约规定的长度",
            en: "the length that the contract prescribes",
        },
        help: Text {
            zh: "请检查是否截断或多录。请更正后以相同记录键重新推送该记录。",
            en: "Check whether it was cut off or has too much. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "RANGE",
        title: Text {
            zh: "超出取值范围",
            en: "is out of range",
        },
        expected: Text {
            zh: "契约规定的范围",
            en: "a value in the range that the contract prescribes",
        },
        help: Text {
            zh: "请核对数值与单位。请更正后以相同记录键重新推送该记录。",
            en: "Check value and unit. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "FUTURE",
        title: Text {
            zh: "晚于消息时间",
            en: "lies in the future",
        },
        expected: Text {
            zh: "不晚于消息发送时间",
            en: "a time not after that of the message",
        },
        help: Text {
            zh: "请检查业务日期与系统时钟。请更正后以相同记录键重新推送该记录。",
            en: "Check the date and the clock of the system. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PLACEHOLDER",
        title: Text {
            zh: "用填充值代替空值",
            en: "is a filler, not a value",
        },
        expected: Text {
            zh: "真实取值，没有则留空",
            en: "a real value, or nothing",
        },
        help: Text {
            zh: "请勿填写“无”“不详”“测试”或 19000101 等，未知时留空。请更正后以相同记录键重新推送该记录。",
            en: "Leave unknown values empty; fillers such as 无, 不详 or 19000101 are none. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_SEX_MISMATCH",
        title: Text {
            zh: "与证件号码的性别位不一致",
            en: "contradicts the sex digit of the identity number",
        },
        expected: Text {
            zh: "与公民身份号码第17位一致的性别",
            en: "the sex that digit 17 of the identity number states",
        },
        help: Text {
            zh: "请核对性别与证件号码哪个有误。请更正后以相同记录键重新推送该记录。",
            en: "Check which of the two is wrong. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ID_BIRTH_MISMATCH",
        title: Text {
            zh: "与证件号码的出生日期不一致",
            en: "contradicts the birth date in the identity number",
        },
        expected: Text {
            zh: "与公民身份号码第7至14位一致的出生日期",
            en: "the birth date that digits 7 to 14 of the identity number state",
        },
        help: Text {
            zh: "请核对出生日期与证件号码哪个有误。请更正后以相同记录键重新推送该记录。",
            en: "Check which of the two is wrong. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "NAME_LEN",
        title: Text {
            zh: "长度不合理",
            en: "is too short or too long for a name",
        },
        expected: Text {
            zh: "2 至 50 个字的姓名，或合理长度的名称",
            en: "a name of 2 to 50 characters, or a sensible one of an organisation",
        },
        help: Text {
            zh: "请按证件核对姓名或名称。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the document. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "NAME_DIGIT",
        title: Text {
            zh: "含数字",
            en: "contains digits",
        },
        expected: Text {
            zh: "不含数字的姓名",
            en: "a name without digits",
        },
        help: Text {
            zh: "请按证件核对姓名或名称。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the document. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "NAME_PLACEHOLDER",
        title: Text {
            zh: "用填充值代替真实名称",
            en: "is a filler, not a name",
        },
        expected: Text {
            zh: "真实姓名或名称",
            en: "a real name",
        },
        help: Text {
            zh: "请按证件核对姓名或名称。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the document. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "NAME_MASKED",
        title: Text {
            zh: "已脱敏",
            en: "is masked",
        },
        expected: Text {
            zh: "未脱敏的姓名或名称",
            en: "a name that is not masked",
        },
        help: Text {
            zh: "请推送未脱敏的数据。请更正后以相同记录键重新推送该记录。",
            en: "Send the name unmasked. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "NAME_MOJIBAKE",
        title: Text {
            zh: "为乱码",
            en: "is garbled",
        },
        expected: Text {
            zh: "按声明编码写出的姓名或名称",
            en: "a name written in the declared encoding",
        },
        help: Text {
            zh: "请检查数据库与导出程序的字符编码。请更正后以相同记录键重新推送该记录。",
            en: "Check the encodings of the database and of the export. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "NAME_PUA",
        title: Text {
            zh: "含自造字",
            en: "contains private-use characters",
        },
        expected: Text {
            zh: "使用国家标准编码的汉字",
            en: "characters that the national standard encodes",
        },
        help: Text {
            zh: "请将自造字替换为 GB 18030 中的标准字。请更正后以相同记录键重新推送该记录。",
            en: "Replace private characters by those of GB 18030. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "MONEY_FORMAT",
        title: Text {
            zh: "无法识别为金额",
            en: "is not written as an amount of money",
        },
        expected: Text {
            zh: "契约声明单位的数字",
            en: "a number in the declared unit",
        },
        help: Text {
            zh: "请只写数字，单位按契约。请更正后以相同记录键重新推送该记录。",
            en: "Write digits only, in the declared unit. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "MONEY_PRECISION",
        title: Text {
            zh: "小数位过多",
            en: "has more decimals than a cent",
        },
        expected: Text {
            zh: "精确到分",
            en: "an amount to the cent",
        },
        help: Text {
            zh: "请四舍五入到分。请更正后以相同记录键重新推送该记录。",
            en: "Round it to the cent. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "MONEY_RANGE",
        title: Text {
            zh: "超出合理范围",
            en: "is out of range for an amount of money",
        },
        expected: Text {
            zh: "合理范围内的金额",
            en: "an amount in a sensible range",
        },
        help: Text {
            zh: "请核对金额与单位。请更正后以相同记录键重新推送该记录。",
            en: "Check amount and unit. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "MONEY_CURRENCY",
        title: Text {
            zh: "所含币种与字段不符",
            en: "names a currency that the field does not have",
        },
        expected: Text {
            zh: "与币种字段一致的金额",
            en: "an amount in the currency of the field",
        },
        help: Text {
            zh: "请将币种写入币种字段。请更正后以相同记录键重新推送该记录。",
            en: "Write the currency into its own field. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "CURRENCY",
        title: Text {
            zh: "不是已知币种",
            en: "is no known currency",
        },
        expected: Text {
            zh: "GB/T 12406 的币种代码",
            en: "a currency code of ISO 4217",
        },
        help: Text {
            zh: "请使用 CNY 或 156 等标准代码。请更正后以相同记录键重新推送该记录。",
            en: "Use a standard code such as CNY or 156. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DIVISION",
        title: Text {
            zh: "不是行政区划代码",
            en: "is no division code",
        },
        expected: Text {
            zh: "6、9 或 12 位行政区划代码",
            en: "a division code of 6, 9 or 12 digits",
        },
        help: Text {
            zh: "请对照现行区划代码。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the divisions in force. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DIVISION_FORMAT",
        title: Text {
            zh: "不符合行政区划代码的格式",
            en: "is not written as a division code",
        },
        expected: Text {
            zh: "6、9 或 12 位数字",
            en: "6, 9 or 12 digits",
        },
        help: Text {
            zh: "请对照现行区划代码。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the divisions in force. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DIVISION_PROVINCE",
        title: Text {
            zh: "的省份不存在",
            en: "begins with no province",
        },
        expected: Text {
            zh: "前两位为现有省级代码",
            en: "the code of a province in the first two digits",
        },
        help: Text {
            zh: "请对照现行区划代码。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the divisions in force. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "INDUSTRY",
        title: Text {
            zh: "不是行业代码",
            en: "is no industry code",
        },
        expected: Text {
            zh: "GB/T 4754 的门类加 2 至 4 位数字代码",
            en: "a code of GB/T 4754 with 2 to 4 digits, with or without its letter",
        },
        help: Text {
            zh: "请填写行业代码，不要填写名称。请更正后以相同记录键重新推送该记录。",
            en: "Send the code, not the name. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "INDUSTRY_FORMAT",
        title: Text {
            zh: "不符合行业代码的格式",
            en: "is not written as an industry code",
        },
        expected: Text {
            zh: "GB/T 4754 的门类加 2 至 4 位数字代码",
            en: "a code of GB/T 4754 with 2 to 4 digits, with or without its letter",
        },
        help: Text {
            zh: "请填写行业代码，不要填写名称。请更正后以相同记录键重新推送该记录。",
            en: "Send the code, not the name. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "INDUSTRY_UNKNOWN",
        title: Text {
            zh: "不在行业分类中",
            en: "is no industry of the classification",
        },
        expected: Text {
            zh: "GB/T 4754 的门类加 2 至 4 位数字代码",
            en: "a code of GB/T 4754 with 2 to 4 digits, with or without its letter",
        },
        help: Text {
            zh: "请填写行业代码，不要填写名称。请更正后以相同记录键重新推送该记录。",
            en: "Send the code, not the name. Correct it and send the record again with the same key.",
        },
    },
];
