//! Messages of some feeds, as agencies send them: made-up people with sound numbers, and nothing that only one proof needs.

use crate::messages::Message;

pub const HUKOU: &str = "src.ga.hukou.v1";
pub const RESIDENCE: &str = "src.ga.residence.v1";
pub const DEATH: &str = "src.wj.death.v1";
pub const PENALTY: &str = "src.scjg.penalty.v1";
pub const MEDICAL: &str = "src.yb.medins.v1";

/// Topics above with the numbers of partitions that the proofs give them.
pub const TOPICS: [(&str, i32); 5] = [
    (HUKOU, 2),
    (RESIDENCE, 1),
    (DEATH, 2),
    (PENALTY, 1),
    (MEDICAL, 1),
];

/// Two people and a company that nobody is.
pub const SIYUAN: &str = "350203199001010018";
pub const XIAOMEI: &str = "350206198507151226";
pub const COMPANY: &str = "91350203MA3UERU19L";

/// The resident id of made-up person `number`: a sound check character (GB 11643-1999, ISO 7064 MOD 11-2).
#[must_use]
pub fn resident(number: u32) -> String {
    let body = format!(
        "350203{}{:03}",
        19_500_101 + (number / 999) % 28,
        number % 999
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = body.chars().filter_map(|letter| letter.to_digit(10));
    let sum: u32 = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = "10X98765432"
        .chars()
        .nth(usize::try_from(sum % 11).unwrap_or(0))
        .unwrap_or('X');
    format!("{body}{check}")
}

/// 2026-11-20T00:00:00+08:00; messages of the proofs carry times after it.
pub const START_MS: i64 = 1_795_104_000_000;

/// Household registration of a person, changed at `seq` seconds past the start of November 2026.
#[must_use]
pub fn hukou(id: &str, name: &str, seq: u32) -> Message {
    hukou_with(id, name, seq, "")
}

/// The same with further members that replace sound ones, such as `,"CSRQ":"30000101"`.
#[must_use]
pub fn hukou_with(id: &str, name: &str, seq: u32, members: &str) -> Message {
    let woman = id
        .get(16..17)
        .is_some_and(|digit| ["0", "2", "4", "6", "8"].contains(&digit));
    let (sex, birth) = (
        if woman { 2 } else { 1 },
        id.get(6..14).unwrap_or("19900101"),
    );
    let mut value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&format!(
        r#"{{"GMSFHM":"{id}","XM":"{name}","XB":"{sex}","MZ":"01","CSRQ":"{birth}","HKXZQH":"350203",
            "HKXZ":"福建省厦门市思明区莲前街道洪文一里12号301室","HH":"3502030000123","YHZGX":"02","HYZK":"20",
            "CSZMBH":"R350012345","ZXBS":"0","ZXYY":"","ZXSJ":"","GXSJ":"202611{:02}{:02}{:02}{:02}"}}"#,
        1 + seq / 86_400,
        seq / 3_600 % 24,
        seq / 60 % 60,
        seq % 60
    ))
    .expect("the record is written above");
    let more = format!("{{{}}}", members.trim_start_matches(','));
    let more: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&more).expect("members are JSON");
    value.extend(more);
    let text = serde_json::Value::Object(value).to_string();
    timed(
        Message::new(HUKOU, text)
            .key(id)
            .header("seq", seq.to_string()),
        seq,
    )
}

/// A certificate of death. Its order is `seq`.
#[must_use]
pub fn death(number: &str, id: &str, seq: u32) -> Message {
    let value = format!(
        r#"{{"swzbh":"{number}","idcard":"{id}","name":"陈思远","dod":"2026-11-02T23:50:00+08:00","cause":"I21.9"}}"#
    );
    headed(Message::new(DEATH, value).key(number), seq)
}

/// A stay of a person; its key is the person and the first day.
#[must_use]
pub fn residence(id: &str, name: &str, address: &str, seq: u32) -> Message {
    let value = format!(
        r#"{{"sfzhm":"{id}","xm":"{name}","jzdz":"{address}","jzdqh12":"350206002003","djrq":"2026/10/08","dqrq":"长期"}}"#
    );
    headed(Message::new(RESIDENCE, value).key(id), seq)
}

/// A spreadsheet of penalties: number and fine in 万元 of each, all of one company.
#[must_use]
pub fn penalties(decisions: &[(&str, &str)], seq: u32) -> Message {
    let mut text =
        "\u{feff}行政相对人名称,统一社会信用代码,处罚决定书文号,处罚决定日期,处罚金额(万元)\r\n"
            .to_owned();
    for (number, fine) in decisions {
        text.push_str(&format!(
            "厦门示例科技有限公司,{COMPANY},{number},2026-10-12,{fine}\r\n"
        ));
    }
    headed(Message::new(PENALTY, text), seq)
}

/// A patch of a medical insurance. `members` are what it states beside key and time, such as `,"certno":"…"`.
#[must_use]
pub fn medical(number: &str, members: &str, seq: u32) -> Message {
    let time = format!(
        "2026-11-20 {:02}:{:02}:{:02}",
        seq / 3_600 % 24,
        seq / 60 % 60,
        seq % 60
    );
    let value =
        format!(r#"{{"psn_no":"{number}","insutype":"310","updt_time":"{time}"{members}}}"#);
    headed(Message::new(MEDICAL, value).key(number), seq)
}

/// A removal: an empty body, the key of the record, and `op` D.
#[must_use]
pub fn removal(topic: &str, key: &str, seq: u32) -> Message {
    headed(Message::tombstone(topic, key).header("op", "D"), seq)
}

fn headed(message: Message, seq: u32) -> Message {
    let business = START_MS + i64::from(seq) * 1_000;
    timed(
        message
            .header("seq", seq.to_string())
            .header("business-time", business.to_string()),
        seq,
    )
}

fn timed(message: Message, seq: u32) -> Message {
    message.at(START_MS + i64::from(seq) * 1_000)
}
