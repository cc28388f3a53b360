//! Organisations' identifiers (GB 32100-2015, GB 11714, GS 15-2006, tax numbers).
//!
//! Leaves alone: every other family of codes.

use super::{Message, Text};

pub(super) const MESSAGES: &[Message] = &[
    Message {
        code: "USCC_LEN",
        title: Text {
            zh: "位数不对",
            en: "has the wrong length for a unified social credit code",
        },
        expected: Text {
            zh: "18 位代码",
            en: "18 characters",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "USCC_FORMAT",
        title: Text {
            zh: "含不允许的字符",
            en: "has characters that a unified social credit code does not have",
        },
        expected: Text {
            zh: "GB 32100 字符集，不含 I、O、S、V、Z",
            en: "the characters of GB 32100, which have no I, O, S, V, Z",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "USCC_CHECK",
        title: Text {
            zh: "校验位不符",
            en: "fails its check character",
        },
        expected: Text {
            zh: "第18位应为按 GB 32100 计算的校验码",
            en: "character 18 must be the GB 32100 check character",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "USCC_AUTHORITY",
        title: Text {
            zh: "的登记管理部门代码不存在",
            en: "begins with no registering authority",
        },
        expected: Text {
            zh: "第 1 位为 GB 32100 规定的登记管理部门代码",
            en: "an authority of GB 32100 in the first character",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "USCC_ORG_CHECK",
        title: Text {
            zh: "中的组织机构代码校验位不符",
            en: "contains an organisation code that fails its check character",
        },
        expected: Text {
            zh: "第 9 至 17 位为校验正确的组织机构代码",
            en: "a sound organisation code of GB 11714 in characters 9 to 17",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "USCC_CATEGORY_UNKNOWN",
        title: Text {
            zh: "的机构类别未收录",
            en: "has a category that is not on record",
        },
        expected: Text {
            zh: "前两位为已知的机构类别",
            en: "a known category in the first two characters",
        },
        help: Text {
            zh: "仅作提示；如为新类别，平台会补录。",
            en: "A note only; if the category is new the platform adds it.",
        },
    },
    Message {
        code: "USCC_FOLDED",
        title: Text {
            zh: "书写不规范",
            en: "was not written in its plain form",
        },
        expected: Text {
            zh: "半角大写字符、无空格",
            en: "plain capital characters without blanks",
        },
        help: Text {
            zh: "平台已自动规范；建议在导出时统一。",
            en: "Repaired by the platform; better written so by the export.",
        },
    },
    Message {
        code: "ORG_LEN",
        title: Text {
            zh: "位数不对",
            en: "has the wrong length for an organisation code",
        },
        expected: Text {
            zh: "9 位代码",
            en: "9 characters",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ORG_FORMAT",
        title: Text {
            zh: "含不允许的字符",
            en: "has characters that an organisation code does not have",
        },
        expected: Text {
            zh: "数字与大写字母",
            en: "digits and capital letters",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "ORG_CHECK",
        title: Text {
            zh: "校验位不符",
            en: "fails its check character",
        },
        expected: Text {
            zh: "末位应为按 GB 11714 计算的校验码",
            en: "the last character must be the GB 11714 check character",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "REG_LEN",
        title: Text {
            zh: "位数不对",
            en: "has the wrong length for a registration number",
        },
        expected: Text {
            zh: "15 位注册号",
            en: "15 digits",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "REG_FORMAT",
        title: Text {
            zh: "含不允许的字符",
            en: "has characters that a registration number does not have",
        },
        expected: Text {
            zh: "全部为数字",
            en: "digits only",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "REG_CHECK",
        title: Text {
            zh: "校验位不符",
            en: "fails its check character",
        },
        expected: Text {
            zh: "第15位应为按 GS 15-2006 计算的校验码",
            en: "digit 15 must be the GS 15-2006 check digit",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "TAX_LEN",
        title: Text {
            zh: "位数不对",
            en: "has the wrong length for a tax number",
        },
        expected: Text {
            zh: "18 位或 15 位纳税人识别号",
            en: "18 or 15 characters",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
    Message {
        code: "TAX_FORMAT",
        title: Text {
            zh: "含不允许的字符",
            en: "has characters that a tax number does not have",
        },
        expected: Text {
            zh: "地区代码加组织机构代码，或统一社会信用代码",
            en: "a region and an organisation code, or a unified social credit code",
        },
        help: Text {
            zh: "请对照营业执照或登记证书核对。请更正后以相同记录键重新推送该记录。",
            en: "Compare with the licence or certificate. Correct it and send the record again with the same key.",
        },
    },
];
