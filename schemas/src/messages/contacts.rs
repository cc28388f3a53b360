//! What agencies read about telephone numbers, number plates and the standing of divisions.

use super::{Message, Text};

pub(super) const MESSAGES: &[Message] = &[
    Message {
        code: "PHONE_LEN",
        title: Text {
            zh: "电话号码位数不符",
            en: "has too few or too many digits for a telephone number",
        },
        expected: Text {
            zh: "11 位手机号，或区号加 7 至 8 位固定电话",
            en: "a mobile number of 11 digits, or an area code and 7 to 8 digits",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PHONE_FORMAT",
        title: Text {
            zh: "不是电话号码",
            en: "is not written as a telephone number",
        },
        expected: Text {
            zh: "11 位手机号，或区号加 7 至 8 位固定电话",
            en: "a mobile number of 11 digits, or an area code and 7 to 8 digits",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PHONE_AREA",
        title: Text {
            zh: "缺少区号",
            en: "lacks its area code",
        },
        expected: Text {
            zh: "固定电话带区号",
            en: "a landline with its area code",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PHONE_MASKED",
        title: Text {
            zh: "电话号码被遮盖",
            en: "hides digits of the telephone number",
        },
        expected: Text {
            zh: "完整的电话号码",
            en: "the whole telephone number",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PHONE_FILLER",
        title: Text {
            zh: "是占位号码",
            en: "is a number that only fills the field",
        },
        expected: Text {
            zh: "真实号码，没有则留空",
            en: "a real number, or nothing",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PLATE_LEN",
        title: Text {
            zh: "号牌号码位数不符",
            en: "has too few or too many characters for a number plate",
        },
        expected: Text {
            zh: "7 位普通号牌，或 8 位新能源号牌",
            en: "7 characters, or 8 of a new energy vehicle",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PLATE_PROVINCE",
        title: Text {
            zh: "号牌首字不是省份简称",
            en: "does not begin with a province",
        },
        expected: Text {
            zh: "以省份简称开头",
            en: "the short name of a province in front",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PLATE_FORMAT",
        title: Text {
            zh: "不符合号牌号码的格式",
            en: "is not written as a number plate",
        },
        expected: Text {
            zh: "GA 36 规定的号牌号码",
            en: "a number plate as GA 36 has it",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PLATE_MASKED",
        title: Text {
            zh: "号牌号码被遮盖",
            en: "hides characters of the number plate",
        },
        expected: Text {
            zh: "完整的号牌号码",
            en: "the whole number plate",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PLATE_TYPE",
        title: Text {
            zh: "号牌种类缺失或与号牌号码不符",
            en: "has no plate type, or one of other plates",
        },
        expected: Text {
            zh: "GA 24.7 规定的号牌种类代码",
            en: "a plate type of GA 24.7",
        },
        help: Text {
            zh: "请核对后填写完整号码。请更正后以相同记录键重新推送该记录。",
            en: "Check it and send it whole. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DIVISION_UNKNOWN",
        title: Text {
            zh: "不在已知的行政区划中",
            en: "is no division of any known year",
        },
        expected: Text {
            zh: "历年行政区划代码之一",
            en: "a division code of any year",
        },
        help: Text {
            zh: "请对照相应年份的区划代码。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the divisions of that year. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DIVISION_YEAR",
        title: Text {
            zh: "在当年不是有效的行政区划代码",
            en: "was not in force in that year",
        },
        expected: Text {
            zh: "当年有效的行政区划代码",
            en: "a division code in force in that year",
        },
        help: Text {
            zh: "请对照相应年份的区划代码。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the divisions of that year. Correct it and send the record again with the same key.",
        },
    },
];
