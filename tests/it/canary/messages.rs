//! Canary messages: for each feed a record that is good throughout, then every spoiling of every personal field, then
//! every way in which a message as a whole can be wrong.
//!
//! Public and internal fields keep harmless values, since their values may be told; an identifier typed into one must
//! not be. Which fields are personal is read from the contracts, so a new field has its canary without a change here.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::{Contract, Format};
use yidang_schemas::field::Classification;
use yidang_tests::messages::Message;

use super::formats;
use super::search::{DIGITS, HAN, LETTERS, resident_number};

/// 2026-11-23T00:00:00Z: after the city, before any test.
const TIME_MS: i64 = 1_795_392_000_000;
/// 1937-12-13 in Shanghai, eight hours before it begins in Greenwich.
const BIRTH_MS: i64 = -11_707 * 86_400_000 - 8 * 3_600_000;

/// All canary messages of a catalog, those of the feeds interleaved.
pub fn all(catalog: &Catalog) -> Vec<Message> {
    let mut sequence = 1_000_000;
    let feeds: Vec<Vec<Message>> = catalog
        .feeds
        .iter()
        .map(|contract| {
            let mut feed = Feed {
                contract,
                template: formats::template(contract),
                messages: Vec::new(),
                sequence,
            };
            feed.fill();
            sequence = feed.sequence;
            feed.messages
        })
        .collect();
    let longest = feeds.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|place| {
            feeds
                .iter()
                .filter_map(move |feed| feed.get(place).cloned())
        })
        .collect()
}

struct Feed<'a> {
    contract: &'a Contract,
    template: Map<String, Value>,
    messages: Vec<Message>,
    sequence: usize,
}

impl Feed<'_> {
    fn fill(&mut self) {
        for _ in 0..3 {
            let good = self.good();
            self.send(&good);
        }
        for field in &self.contract.fields {
            let is_told = field.classification < Classification::Personal;
            let spoilings = if is_told {
                typed_into_the_wrong_field()
            } else {
                spoilings()
            };
            for value in spoilings {
                let mut record = self.good();
                record.insert(field.name.clone(), value);
                self.send(&record);
            }
            if !is_told {
                let mut record = self.good();
                record.remove(&field.name);
                self.send(&record);
            }
        }
        self.spoil_messages();
        self.spoil_headers();
    }

    /// The sample with canaries in the place of its personal values, in forms that the contract accepts.
    fn good(&mut self) -> Map<String, Value> {
        self.sequence += 1;
        let mut record = self.template.clone();
        for field in &self.contract.fields {
            if field.classification < Classification::Personal {
                continue;
            }
            if let Some(value) = record.get_mut(&field.name) {
                *value = replaced(value, self.sequence);
            }
        }
        record
    }

    fn body(&self, record: &Map<String, Value>) -> Vec<u8> {
        formats::body(self.contract, record, TIME_MS + self.count())
    }

    fn count(&self) -> i64 {
        i64::try_from(self.sequence).expect("few messages")
    }

    fn message(&self, body: impl Into<Vec<u8>>) -> Message {
        Message::new(&self.contract.topic, body)
            .key(format!(
                "{}|{LETTERS}-key-{}",
                resident_number(self.sequence),
                self.sequence
            ))
            .header("seq", self.sequence.to_string())
            .header("business-time", (TIME_MS + self.count()).to_string())
            .header(LETTERS, format!("{HAN} {}", resident_number(self.sequence)))
            .partition(0)
            .at(TIME_MS + self.count())
    }

    fn send(&mut self, record: &Map<String, Value>) {
        let message = self.message(self.body(record));
        self.messages.push(message);
    }

    /// Bodies that are wrong as a whole, each with canaries inside.
    fn spoil_messages(&mut self) {
        let good = self.good();
        let text = formats::text(self.contract, &good, TIME_MS + self.count());
        let member = format!("{LETTERS}-member");
        let mut extra = good.clone();
        extra.insert(member, json!({HAN: resident_number(1)}));
        let half = text
            .char_indices()
            .nth(text.chars().count() * 2 / 3)
            .map_or(0, |(place, _)| place);
        let mut broken = text.clone().into_bytes();
        broken.insert(half, 0xff);
        let gbk = [
            b"{\"".as_slice(),
            LETTERS.as_bytes(),
            b"\":\"\xf4\xfb\xd6\xd0\"}",
        ]
        .concat();
        let deep = format!(
            "{}\"{HAN}\"{}",
            format!("{{\"{LETTERS}\":").repeat(200),
            "}".repeat(200)
        );
        let bodies: Vec<Vec<u8>> = vec![
            self.body(&extra),
            part(&text, 0..half).into(),
            broken,
            gbk,
            deep.into(),
            Vec::new(),
            format!("{LETTERS} {HAN}").into(),
            format!("[{text},{text}]").into(),
            format!("{text}{text}").into(),
            format!("\"{HAN}{}\"", resident_number(2)).into(),
            resident_number(3).into(),
            format!("{text}\u{0}{HAN}").into(),
            text.replace(':', "=").into(),
            text.to_uppercase().into(),
            format!("{{\"{HAN}\":\"{}\"}}", resident_number(4)).into(),
            format!("{{\"op\":\"{LETTERS}\",\"ts_ms\":\"{HAN}\",\"before\":null,\"after\":\"{LETTERS}\"}}").into(),
            format!("{HAN},{LETTERS}\n{},\"{HAN}\n", resident_number(5)).into(),
            format!("{text}{}", HAN.repeat(20_000)).into(),
            STANDARD.encode(&text).into(),
        ];
        for body in bodies {
            self.sequence += 1;
            self.messages.push(self.message(body));
        }
        self.spoil_documents();
    }

    /// Documents of XML, where the feed has that format beside its own, sound and broken.
    fn spoil_documents(&mut self) {
        if !self.contract.is_written_in(Format::Xml) {
            return;
        }
        let element = self.contract.record_element.as_deref();
        let element = element
            .unwrap_or_default()
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let member = |(name, value): (&String, &Value)| {
            let text = value.as_str().unwrap_or(HAN);
            format!("<{name}>{text}</{name}>")
        };
        let members: String = self.good().iter().map(member).collect();
        for body in [
            format!("<{element}>{members}</{element}>"),
            format!("<{element}>{members}"),
            format!("<{element}><{LETTERS}>{HAN}</{element}>{members}"),
            format!(
                "<!DOCTYPE a [<!ENTITY {LETTERS} \"{HAN}\">]><{element}>&{LETTERS};</{element}>"
            ),
        ] {
            self.sequence += 1;
            let message = self.message(body).header("format", "xml");
            self.messages.push(message);
        }
    }

    /// Good bodies under keys and headers that are wrong.
    fn spoil_headers(&mut self) {
        let topic = self.contract.topic.clone();
        let spoilings: [&dyn Fn(Message) -> Message; 12] = [
            &|message| message.header("corrects", LETTERS),
            &|message| message.header("corrects", format!("{HAN}{}", resident_number(6))),
            &|message| message.header("corrects", [0xff, 0xfe]),
            &|message| message.header("corrects", format!("dqi_{}", LETTERS.repeat(2))),
            &|message| message.header("op", LETTERS),
            &|message| message.header("op", HAN),
            &|message| Message {
                headers: vec![("seq".to_owned(), Some(LETTERS.into()))],
                ..message
            },
            &|message| Message {
                headers: vec![("seq".to_owned(), Some(resident_number(7).into()))],
                ..message
            },
            &|message| Message {
                headers: Vec::new(),
                ..message
            },
            &|message| Message {
                key: Some([b"\xff\xfe".as_slice(), HAN.as_bytes()].concat()),
                ..message
            },
            &|message| Message {
                key: None,
                ..message
            },
            &|message| message.header("business-time", format!("{LETTERS}-time")),
        ];
        for spoil in spoilings {
            let good = self.good();
            let message = spoil(self.message(self.body(&good)));
            self.messages.push(message);
        }
        // A year that no clock has seen, a removal, and a removal of what was never there.
        let good = self.good();
        let mut late = self.message(self.body(&good));
        late.headers = vec![
            ("seq".to_owned(), Some(b"9999999".to_vec())),
            ("business-time".to_owned(), Some(b"4102444800000".to_vec())),
        ];
        self.messages.push(late);
        let good = self.good();
        self.messages
            .push(self.message(self.body(&good)).header("op", "D"));
        self.messages.push(
            Message::tombstone(&topic, &format!("{LETTERS}|{HAN}"))
                .partition(0)
                .at(TIME_MS),
        );
        self.messages.push(
            Message::tombstone(&topic, &resident_number(8))
                .partition(0)
                .at(TIME_MS),
        );
    }
}

/// A canary of the kind of the sample's value: what has no mark keeps its value.
fn replaced(value: &Value, sequence: usize) -> Value {
    let Some(text) = value.as_str() else {
        return if value.is_i64() {
            json!(BIRTH_MS)
        } else {
            value.clone()
        };
    };
    match text {
        _ if text.len() == 18 && text.starts_with("3502") => json!(resident_number(sequence)),
        "19900101" => json!("19371213"),
        "1990-01-01" => json!("1937-12-13"),
        _ if text.contains('号') || text.contains('路') => {
            json!(format!("福建省厦门市思明区{HAN}路{sequence}号"))
        }
        _ if text.contains("公司") => json!(format!("厦门{HAN}有限公司")),
        _ if text
            .chars()
            .all(|character| ('\u{4e00}'..'\u{9fff}').contains(&character))
            && !text.is_empty()
            && text != "长期" =>
        {
            json!(format!("{HAN}明"))
        }
        _ if text.len() > 8
            && text.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !text.contains(':') =>
        {
            json!(format!("{LETTERS}{sequence}"))
        }
        _ => value.clone(),
    }
}

/// Everything that can be wrong with one value, each with a mark.
fn spoilings() -> Vec<Value> {
    let number = resident_number(9);
    let body: i64 = part(&number, 0..17).parse().expect("digits");
    let mut wrong_check = part(&number, 0..17).to_owned();
    wrong_check.push(if number.ends_with('0') { '1' } else { '0' });
    vec![
        json!(LETTERS),
        json!(HAN),
        json!(number),
        json!(wrong_check),
        json!(format!("{}********{}", part(&number, 0..10), "12")),
        json!(part(&number, 0..17)),
        json!(format!("{number}9")),
        json!(part(&number, 0..15)),
        json!(format!("{DIGITS}13320071")),
        json!(body),
        json!(3.502_981_937e17),
        json!(format!(
            "{} {} {}",
            part(&number, 0..6),
            part(&number, 6..14),
            part(&number, 14..18)
        )),
        json!(
            number
                .chars()
                .map(|digit| char::from_u32(u32::from(digit) + 0xFEE0).expect("a character"))
                .collect::<String>()
        ),
        json!(format!("'{number}")),
        json!(format!("{number}\u{200b}")),
        json!({LETTERS: HAN}),
        json!([HAN, number]),
        json!(true),
        Value::Null,
        json!(format!("锟斤拷{HAN}")),
        json!(format!("{HAN}\u{fffd}\u{e123}")),
        json!(format!("{HAN}\u{0}\r\n\t{LETTERS}")),
        json!("1937-12-13"),
        json!("19371213"),
        json!("1937/12/13"),
        json!("1937-12-13 25:61:00"),
        json!(format!("{HAN}{LETTERS}").repeat(30)),
        json!(format!("0596-1{DIGITS}")),
    ]
}

/// Identifiers in fields whose values are told.
fn typed_into_the_wrong_field() -> Vec<Value> {
    let number = resident_number(10);
    vec![
        json!(number),
        json!(format!(
            "{}-{}-{}",
            part(&number, 0..6),
            part(&number, 6..14),
            part(&number, 14..18)
        )),
        json!(format!("厦门{number}公司")),
        json!(part(&number, 0..15)),
    ]
}

/// Bytes of a text, cut between characters.
fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).expect("cut between characters of the text")
}
