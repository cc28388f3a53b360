//! The penalty list: one message is one CSV file with a byte-order mark, Chinese headers and one row per record.

use jiff::tz::TimeZone;

use super::{Json, Rendered, fields, spoil};
use crate::defect::Defect;
use crate::record::{Body, Operation, Record};

const COLUMNS: [&str; 5] = [
    "行政相对人名称",
    "统一社会信用代码",
    "处罚决定书文号",
    "处罚决定日期",
    "处罚金额(万元)",
];

/// Renders the rows of one file, or the removal of one document.
pub fn render_file(
    rows: &[&Record],
    file_name: &str,
    zone: &TimeZone,
    corrects: Option<&str>,
) -> Rendered {
    let mut headers: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    if let Some(id) = corrects {
        headers.push(("corrects".to_owned(), Some(id.as_bytes().to_vec())));
    }
    if let [removal] = rows
        && removal.operation.is_removal()
    {
        return removal_of(removal, headers);
    }
    let empty = rows.iter().any(|row| row.defect == Some(Defect::EmptyBody));
    let value = if empty {
        Vec::new()
    } else {
        csv_of(rows, zone)
    };
    Rendered {
        key: Some(file_name.as_bytes().to_vec()),
        headers,
        value: Some(value),
    }
}

fn removal_of(record: &Record, mut headers: Vec<(String, Option<Vec<u8>>)>) -> Rendered {
    let Body::Penalty(body) = &record.body else {
        panic!("files of the penalty list are made of penalty records");
    };
    headers.push(("op".to_owned(), Some(b"D".to_vec())));
    let value = (record.operation != Operation::Tombstone).then(Vec::new);
    Rendered {
        key: Some(body.document.as_bytes().to_vec()),
        headers,
        value,
    }
}

fn csv_of(rows: &[&Record], zone: &TimeZone) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(vec![0xEF, 0xBB, 0xBF]);
    writer
        .write_record(COLUMNS)
        .expect("writing to memory does not fail");
    for row in rows {
        let mut fields = fields::fields(row, zone);
        spoil::spoil_fields(row, &mut fields);
        let cells = COLUMNS.map(|column| {
            fields
                .0
                .iter()
                .find(|(name, _)| *name == column)
                .map_or("", |(_, value)| match value {
                    Json::Text(text) | Json::Raw(text) => text.as_str(),
                    Json::Null => "",
                })
        });
        writer
            .write_record(cells)
            .expect("every row has the columns of the header");
    }
    writer
        .into_inner()
        .expect("writing to memory does not fail")
}
