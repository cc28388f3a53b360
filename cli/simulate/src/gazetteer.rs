//! Invented names, streets and trades from which the city is put together.
//!
//! District and township names are public geography of Xiamen (the civil-affairs list of 45 units); everything else is
//! combined at random, so any likeness to a living person or a real company is chance.

use std::sync::Arc;

use crate::random::{Random, variant};

const SURNAMES: [&str; 40] = [
    "陈", "林", "黄", "张", "李", "王", "吴", "刘", "蔡", "杨", "许", "郑", "谢", "郭", "洪", "邱",
    "曾", "周", "叶", "廖", "苏", "庄", "何", "江", "朱", "徐", "沈", "高", "吕", "柯", "欧阳",
    "上官", "魏", "纪", "傅", "方", "余", "卢", "潘", "余",
];
const GIVEN: [&str; 48] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀", "霞", "平", "刚", "桂", "英", "华", "建", "国", "文", "辉", "志", "海", "燕", "玉",
    "兰", "春", "梅", "雪", "晨", "宇", "轩", "涵", "怡", "佳", "思", "雨", "鑫", "鹏", "翔", "琳",
];
const MINORITY: [&str; 8] = [
    "阿卜杜拉",
    "买买提",
    "古丽娜尔",
    "艾力",
    "帕提古丽",
    "吐尔逊",
    "迪丽拜尔",
    "库尔班",
];

/// Characters that older GBK systems kept in the private use area, with the code point they had there
/// (U+E815 + trail index; GB 18030-2000 annex as encoding_rs decodes it).
pub const REPAIRED: [(char, char); 4] = [
    ('㑳', '\u{E81A}'),
    ('㑇', '\u{E81B}'),
    ('㧟', '\u{E828}'),
    ('䶮', '\u{E863}'),
];

/// What kind of name a person gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// Surname and one or two Han characters.
    Usual,
    /// Two parts joined by U+00B7.
    Dotted,
    /// Ends in a character that had a private-use code point.
    Rare,
}

/// A person's name in its canonical form.
pub fn person_name(random: &mut Random, kind: NameKind) -> Arc<str> {
    let surname = random.pick(&SURNAMES);
    let first = random.pick(&GIVEN);
    match kind {
        NameKind::Dotted => format!("{}·{}", random.pick(&MINORITY), random.pick(&MINORITY)).into(),
        NameKind::Rare => format!("{surname}{first}{}", random.pick(&REPAIRED).0).into(),
        NameKind::Usual if random.chance(2_500) => format!("{surname}{first}").into(),
        NameKind::Usual => format!("{surname}{first}{}", random.pick(&GIVEN)).into(),
    }
}

/// A district of today with its townships: (code, name, [(nine digits, name)]).
#[derive(Clone, Copy)]
pub struct District {
    pub code: u32,
    pub name: &'static str,
    pub towns: &'static [(u32, &'static str)],
}

/// The six districts; township codes are those of the civil-affairs ministry's list.
pub const DISTRICTS: [District; 6] = [
    District {
        code: 350_203,
        name: "思明区",
        towns: &[
            (350_203_001, "厦港街道"),
            (350_203_010, "莲前街道"),
            (350_203_011, "嘉莲街道"),
        ],
    },
    District {
        code: 350_205,
        name: "海沧区",
        towns: &[(350_205_001, "海沧街道"), (350_205_002, "新阳街道")],
    },
    District {
        code: 350_206,
        name: "湖里区",
        towns: &[
            (350_206_001, "湖里街道"),
            (350_206_002, "殿前街道"),
            (350_206_003, "禾山街道"),
        ],
    },
    District {
        code: 350_211,
        name: "集美区",
        towns: &[(350_211_001, "集美街道"), (350_211_002, "侨英街道")],
    },
    District {
        code: 350_212,
        name: "同安区",
        towns: &[(350_212_001, "大同街道"), (350_212_002, "祥平街道")],
    },
    District {
        code: 350_213,
        name: "翔安区",
        towns: &[(350_213_002, "马巷街道"), (350_213_005, "新店街道")],
    },
];

const ROADS: [&str; 14] = [
    "湖滨南路",
    "前埔中路",
    "莲岳路",
    "嘉禾路",
    "文灶西路",
    "云顶中路",
    "海沧大道",
    "滨湖北路",
    "同集中路",
    "银江路",
    "新店路",
    "环城西路",
    "兴隆路",
    "东渡路",
];

/// A place in the city: today's district, a township and an address in canonical form.
#[derive(Clone)]
pub struct Place {
    pub district: u32,
    /// Twelve digits: township and a neighbourhood.
    pub division: u64,
    pub address: Arc<str>,
}

/// An address drawn at random.
pub fn place(random: &mut Random) -> Place {
    let district = random.pick(&DISTRICTS);
    let (town, town_name) = random.pick(district.towns);
    let address = format!(
        "福建省厦门市{}{town_name}{}{}号{}室",
        district.name,
        random.pick(&ROADS),
        random.between(1, 980),
        random.between(1, 30) * 100 + random.between(1, 6)
    );
    Place {
        district: district.code,
        division: u64::from(town) * 1_000 + random.between(1, 18).unsigned_abs(),
        address: address.into(),
    }
}

const ENTERPRISE_FIRST: [&str; 20] = [
    "鹭翔",
    "海旭",
    "金鹭达",
    "闽泰",
    "盛屿",
    "筼澜",
    "汇嘉",
    "同川",
    "白鹭",
    "云帆",
    "瑞榕",
    "思远",
    "集潮",
    "禾丰",
    "星港",
    "联屿",
    "博榕",
    "晨澳",
    "翔业",
    "东屿",
];
const ENTERPRISE_SECOND: [&str; 16] = [
    "科技",
    "贸易",
    "物流",
    "餐饮管理",
    "建材",
    "电子",
    "软件",
    "食品",
    "服饰",
    "文化传媒",
    "医疗器械",
    "机械",
    "进出口",
    "环保",
    "装饰",
    "渔业",
];

/// An enterprise's name in canonical form; a group carries ASCII brackets.
pub fn enterprise_name(random: &mut Random, group: bool, index: u64) -> Arc<str> {
    let first = random.pick(&ENTERPRISE_FIRST);
    let second = random.pick(&ENTERPRISE_SECOND);
    let tail = if group {
        "(集团)有限公司"
    } else {
        "有限公司"
    };
    format!("厦门{first}{}{second}{tail}", han_number(index)).into()
}

/// A number as Han digits, so that names differ without Latin characters.
fn han_number(number: u64) -> String {
    const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
    number
        .to_string()
        .chars()
        .filter_map(|c| c.to_digit(10))
        .map(|d| variant(&DIGITS, d.into()))
        .collect()
}

/// Industry classes that enterprises are given (GB/T 4754-2017), each with its section.
pub const INDUSTRIES: [(&str, &str); 14] = [
    ("6510", "I"),
    ("5166", "F"),
    ("5211", "F"),
    ("6210", "H"),
    ("4710", "E"),
    ("3921", "C"),
    ("1361", "C"),
    ("5810", "G"),
    ("7211", "L"),
    ("8321", "P"),
    ("0411", "A"),
    ("7320", "M"),
    ("7722", "N"),
    ("8810", "R"),
];
