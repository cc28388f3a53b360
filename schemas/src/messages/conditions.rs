//! Conditions over several fields, and texts of a fixed form that no identifier of a subject has.
//!
//! Leaves alone: every other family of codes.

use super::{Message, Text};

pub(super) const MESSAGES: &[Message] = &[
    Message {
        code: "PREDICATE",
        title: Text {
            zh: "不满足契约规定的条件",
            en: "does not meet a condition of the contract",
        },
        expected: Text {
            zh: "契约中该条规则的条件成立；有空值而无法判断的不算不符",
            en: "the condition of that rule to hold; where null leaves it open it is not held against the record",
        },
        help: Text {
            zh: "请对照契约核对该条件涉及的各项。请更正后以相同记录键重新推送该记录。",
            en: "Compare the fields of that condition with the contract. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "SHARE_FORMAT",
        title: Text {
            zh: "不是可识别的份额",
            en: "is no share that can be read",
        },
        expected: Text {
            zh: "不超过全部的百分比或分数，如 50% 或 1/2",
            en: "a share of the whole in per cent or as a fraction, such as 50% or 1/2",
        },
        help: Text {
            zh: "每名权利人各写一个份额。请更正后以相同记录键重新推送该记录。",
            en: "Give each owner one share. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DATE_ORDER",
        title: Text {
            zh: "的日期先后颠倒",
            en: "has dates in the wrong order",
        },
        expected: Text {
            zh: "前一日期不晚于后一日期",
            en: "the first of the two dates not to be after the second",
        },
        help: Text {
            zh: "请核对两个日期是否填反或填错。请更正后以相同记录键重新推送该记录。",
            en: "Check whether the two dates were swapped or one is wrong. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "REQUIRED_IF",
        title: Text {
            zh: "在此情形下缺少必填值",
            en: "is missing where another field makes it necessary",
        },
        expected: Text {
            zh: "另一数据项取契约所列值时必须有值",
            en: "a value wherever the other field has one of the values that the contract lists",
        },
        help: Text {
            zh: "请补全该项，或更正另一数据项。请更正后以相同记录键重新推送该记录。",
            en: "Fill the field, or see whether the other one is right. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ONE_OF_FIELDS",
        title: Text {
            zh: "所需的几项全部为空",
            en: "has none of the fields of which one is needed",
        },
        expected: Text {
            zh: "契约所列各项中至少一项有值",
            en: "a value in at least one of the fields that the contract lists",
        },
        help: Text {
            zh: "请至少补全其中一项。请更正后以相同记录键重新推送该记录。",
            en: "Fill at least one of them. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "CARD_VALIDITY",
        title: Text {
            zh: "的证件有效期与签发时年龄不符",
            en: "has a validity of the card that does not fit the age at its issue",
        },
        expected: Text {
            zh: "未满16周岁五年，16至25周岁十年，26至45周岁二十年，46周岁以上长期（居民身份证法第五条）",
            en: "5 years below the age of 16, 10 from 16 to 25, 20 from 26 to 45, no end from 46 on (Resident Identity Card Law, article 5)",
        },
        help: Text {
            zh: "请核对出生日期和有效期的起止。请更正后以相同记录键重新推送该记录。",
            en: "Check the birth date and both ends of the validity. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "GEO_OUTSIDE",
        title: Text {
            zh: "的坐标不在契约划定的范围内",
            en: "has coordinates outside the area of the contract",
        },
        expected: Text {
            zh: "落在契约划定范围内的经度和纬度",
            en: "a longitude and a latitude inside the area that the contract draws",
        },
        help: Text {
            zh: "请检查经纬度是否填反、是否为零或单位有误。请更正后以相同记录键重新推送该记录。",
            en: "Check whether the two were swapped, are zero or are no degrees. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "PASSPORT_FORMAT",
        title: Text {
            zh: "不符合护照号码的格式",
            en: "is not written as a number of a passport",
        },
        expected: Text {
            zh: "中国护照号码，或 5 至 20 位字母和数字的外国护照号码",
            en: "a number of a Chinese passport, or 5 to 20 letters and digits of a foreign one",
        },
        help: Text {
            zh: "请核对护照号码。请更正后以相同记录键重新推送该记录。",
            en: "Check the number of the passport. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "HKMO_PERMIT_FORMAT",
        title: Text {
            zh: "不符合港澳居民来往内地通行证号码的格式",
            en: "is not written as a number of a mainland travel permit for Hong Kong and Macao",
        },
        expected: Text {
            zh: "H 或 M 加 8 位或 10 位数字，或 HA、MA 加 7 位数字",
            en: "H or M and 8 or 10 digits, or HA or MA and 7 digits",
        },
        help: Text {
            zh: "请核对通行证号码。请更正后以相同记录键重新推送该记录。",
            en: "Check the number of the permit. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "DIVISION_ERA",
        title: Text {
            zh: "在该日期并未使用",
            en: "was not in use on the day of the record",
        },
        expected: Text {
            zh: "在该日期有效的行政区划代码",
            en: "a code of a division that was in use on that day",
        },
        help: Text {
            zh: "请改用该日期有效的区划代码。请更正后以相同记录键重新推送该记录。",
            en: "Send the code that was in use on that day. Correct it and send the record again with the same key.",
        },
    },
];
