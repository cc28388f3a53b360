//! The clean fields of each feed, named and formatted as its agency does.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Fields, Json};
use crate::calendar::{compact, historic_midnight_ms, local_parts};
use crate::random::variant;
use crate::record::{
    Body, Cell, Death, Hukou, Insurance, Medins, Penalty, Record, Register, Stay, Taxpayer,
};

/// The fields of a record before any defect.
pub fn fields(record: &Record, zone: &TimeZone) -> Fields {
    match &record.body {
        Body::Hukou(body) => hukou(body, record.time_ms, record.salt),
        Body::Stay(body) => stay(body),
        Body::Death(body) => death(body, record.salt),
        Body::Insurance(body) => insurance(body, zone),
        Body::Medins(body) => medins(body, record.time_ms),
        Body::Register(body) => register(body),
        Body::Penalty(body) => penalty(body, record.salt),
        Body::Taxpayer(body) => taxpayer(body, record.time_ms, record.salt),
        Body::Sheet(sheet) => super::sheet::spoiled_fields(sheet, record.salt),
    }
}

/// A text in JSON.
pub fn text(value: impl std::fmt::Display) -> Json {
    Json::Text(value.to_string())
}

fn hukou(body: &Hukou, time_ms: i64, salt: u64) -> Fields {
    let (reason, day) = match body.cancelled {
        Some((reason, day)) => (reason.word(), compact(day)),
        None => ("", String::new()),
    };
    let (date, hour, minute, second) = local_parts(time_ms);
    Fields(vec![
        ("GMSFHM", text(body.id.text())),
        ("XM", text(&body.name)),
        ("XB", text(body.sex)),
        ("MZ", text(format!("{:02}", body.ethnic))),
        ("CSRQ", text(compact(body.birth))),
        ("HKXZQH", text(body.district)),
        ("HKXZ", text(&body.address)),
        ("HH", text(body.household)),
        ("YHZGX", text(body.relation)),
        ("HYZK", text(body.marital)),
        (
            "CSZMBH",
            text(if body.birth.year() > 1996 {
                format!("R35{:07}", salt % 10_000_000)
            } else {
                String::new()
            }),
        ),
        ("ZXBS", text(u8::from(body.cancelled.is_some()))),
        ("ZXYY", text(reason)),
        ("ZXSJ", text(day)),
        (
            "GXSJ",
            text(format!("{}{hour:02}{minute:02}{second:02}", compact(date))),
        ),
    ])
}

fn slashed(date: Date) -> String {
    format!("{:04}/{:02}/{:02}", date.year(), date.month(), date.day())
}

fn stay(body: &Stay) -> Fields {
    Fields(vec![
        ("sfzhm", text(body.id.text())),
        ("xm", text(&body.name)),
        ("jzdz", text(&body.address)),
        ("jzdqh12", text(body.division)),
        ("djrq", text(slashed(body.since))),
        (
            "dqrq",
            text(body.until.map_or_else(|| "长期".to_owned(), slashed)),
        ),
    ])
}

fn death(body: &Death, salt: u64) -> Fields {
    let (shift_ms, suffix) = if salt.is_multiple_of(3) {
        (8 * 3_600_000, "Z")
    } else {
        (0, "+08:00")
    };
    let (date, hour, minute, second) = local_parts(body.at_ms - shift_ms);
    let cause = ["I21.9", "C34.9", "J44.1", "I63.9"];
    Fields(vec![
        ("swzbh", text(body.number)),
        ("idcard", text(body.id.text())),
        ("name", text(&body.name)),
        (
            "dod",
            text(format!("{date}T{hour:02}:{minute:02}:{second:02}{suffix}")),
        ),
        ("cause", text(variant(&cause, salt >> 8))),
    ])
}

fn insurance(body: &Insurance, zone: &TimeZone) -> Fields {
    let (credit, name) = match &body.employer {
        Some((credit, name)) => (credit.text().to_owned(), name.to_string()),
        None => (String::new(), String::new()),
    };
    Fields(vec![
        ("aac001", text(body.number)),
        ("aac002", text(body.id.text())),
        ("aac003", text(&body.name)),
        ("aac004", text(body.sex)),
        (
            "aac006",
            Json::Raw(historic_midnight_ms(body.birth, zone).to_string()),
        ),
        ("aab004", text(name)),
        ("aab998", text(credit)),
        ("aae140", text(body.kind)),
        ("aac008", text(body.status)),
        ("aab301", text(body.region)),
        ("aac030", text(compact(body.since))),
        ("aae180", text(body.base_cents)),
        ("aae041", text(body.last_month)),
    ])
}

fn medins(body: &Medins, time_ms: i64) -> Fields {
    let mut fields = Fields(vec![("psn_no", text(body.number))]);
    if let Some(id) = &body.id {
        fields.set("certno", text(id.text()));
        fields.set("psn_cert_type", text("01"));
    }
    if let Some(birth) = body.birth {
        fields.set("brdy", text(birth));
    }
    fields.set("insutype", text(body.kind));
    cell(&mut fields, "psn_insu_stas", body.status);
    cell(&mut fields, "begndate", body.since);
    cell(&mut fields, "clct_ym", body.paid_through);
    let (date, hour, minute, second) = local_parts(time_ms);
    fields.set(
        "updt_time",
        text(format!("{date} {hour:02}:{minute:02}:{second:02}")),
    );
    fields
}

fn cell<T: std::fmt::Display>(fields: &mut Fields, name: &'static str, cell: Cell<T>) {
    match cell {
        Cell::Absent => {}
        Cell::Null => fields.set(name, Json::Null),
        Cell::Value(value) => fields.set(name, text(value)),
    }
}

/// Cents as 万元 with four decimals, or six where the last two are not zero.
pub fn ten_thousands(cents: i64) -> String {
    let (whole, rest) = (cents / 1_000_000, cents % 1_000_000);
    if rest % 100 == 0 {
        format!("{whole}.{:04}", rest / 100)
    } else {
        format!("{whole}.{rest:06}")
    }
}

fn register(body: &Register) -> Fields {
    let currency = match body.currency {
        "CNY" => "156",
        "USD" => "840",
        _ => "344",
    };
    Fields(vec![
        ("PRIPID", text(body.number)),
        (
            "UNISCID",
            text(
                body.credit
                    .map_or_else(String::new, |credit| credit.text().to_owned()),
            ),
        ),
        (
            "REGNO",
            text(
                body.registration
                    .map_or_else(String::new, |number| number.text().to_owned()),
            ),
        ),
        ("ENTNAME", text(&body.name)),
        ("ENTTYPE", text(body.entity_type)),
        ("LEREP", text(&body.representative)),
        ("REGCAP", text(ten_thousands(body.capital_cents))),
        ("REGCAPCUR", text(currency)),
        ("ESTDATE", text(format!("{} 00:00:00", body.established))),
        ("REGORG", text(body.authority)),
        ("REGSTATE", text(body.status)),
        ("INDUSTRYCO", text(body.industry.0)),
        ("DOMDISTRICT", text(body.district)),
        ("DOM", text(&body.address)),
    ])
}

fn penalty(body: &Penalty, salt: u64) -> Fields {
    let date = if salt.is_multiple_of(5) {
        slashed(body.date)
    } else {
        body.date.to_string()
    };
    Fields(vec![
        ("行政相对人名称", text(&body.name)),
        ("统一社会信用代码", text(body.credit.text())),
        ("处罚决定书文号", text(&body.document)),
        ("处罚决定日期", text(date)),
        (
            "处罚金额(万元)",
            text(
                body.amount_cents
                    .map_or_else(String::new, |cents| ten_thousands(cents as i64)),
            ),
        ),
    ])
}

/// What an agency writes where it has no number.
const NO_NUMBER: [&str; 5] = ["", "/", "-", "—", "无"];

fn taxpayer(body: &Taxpayer, time_ms: i64, salt: u64) -> Fields {
    let (level, year) = match body.credit_level {
        Some((year, level)) => (level, year.to_string()),
        None => ("", String::new()),
    };
    Fields(vec![
        ("nsrsbh", text(body.number_text())),
        (
            "shxydm",
            text(if body.states_credit {
                body.credit.text()
            } else {
                variant(&NO_NUMBER, salt >> 8)
            }),
        ),
        ("nsrmc", text(&body.name)),
        ("nsrztDm", text(body.status)),
        ("nslxDm", text(body.kind)),
        ("xydj", text(level)),
        ("xypjnd", text(year)),
        ("gxrq", text(compact(local_parts(time_ms).0))),
    ])
}
