//! A message as librdkafka shows it, taken over as it was received.
//!
//! One reading for whoever lands a message and for whoever compares it with what was landed, so that digests agree.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use rdkafka::message::{Headers, Message, Timestamp};

use crate::epoch::{Header, LandedMessage, Lane};

/// Name under which a header is landed whose own name is no UTF-8; its value is not kept.
pub const UNREADABLE_NAME: &str = "yidang-unreadable-name";

thread_local! {
    static READS_HEADER: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread reads a header at this moment. The binding of librdkafka panics over a name that is no UTF-8,
/// which is caught here and is no bug: whoever reports panics leaves it out.
pub fn reads_header() -> bool {
    READS_HEADER.get()
}

/// The message of a lane, owned.
pub(crate) fn landed(lane: Lane, message: &impl Message) -> LandedMessage {
    let (timestamp_ms, log_append_time) = match message.timestamp() {
        Timestamp::NotAvailable => (-1, false),
        Timestamp::CreateTime(ms) => (ms, false),
        Timestamp::LogAppendTime(ms) => (ms, true),
    };
    LandedMessage {
        feed: lane.feed,
        incarnation: lane.incarnation,
        partition: message.partition(),
        offset: message.offset(),
        timestamp_ms,
        log_append_time,
        key: message.key().map(Bytes::copy_from_slice),
        headers: message.headers().map(all).unwrap_or_default(),
        value: message.payload().map(Bytes::copy_from_slice),
        held: false,
    }
}

fn all(headers: &impl Headers) -> Vec<Header> {
    (0..headers.count())
        .map(|place| one(headers, place))
        .collect()
}

fn one(headers: &impl Headers, place: usize) -> Header {
    READS_HEADER.set(true);
    // Nothing is changed by reading, so a panic leaves nothing half done.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let header = headers.get(place);
        (
            header.key.to_owned(),
            header.value.map(Bytes::copy_from_slice),
        )
    }));
    READS_HEADER.set(false);
    read.unwrap_or_else(|_no_name| (UNREADABLE_NAME.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::kafka::proof::{Mock, Record};
    use crate::kafka::source::{Fetched, Source, StartAt};

    const LANE: Lane = Lane {
        feed: 3,
        incarnation: 1,
        partition: 0,
    };

    async fn read(source: &mut Source, count: usize) -> Vec<LandedMessage> {
        let mut read = Vec::new();
        while read.len() < count {
            let next = tokio::time::timeout(Duration::from_secs(20), source.next()).await;
            match next.expect("the lane goes on").expect("the thread lives") {
                Fetched::Messages(messages) => read.extend(messages),
                Fetched::End { .. } | Fetched::Broken { .. } | Fetched::Trouble { .. } => {}
            }
        }
        read
    }

    #[tokio::test]
    async fn a_header_name_that_is_no_text_stops_no_lane() {
        let mock = Mock::with_topic("src.t.f.v1", 1);
        let poison: &[(&[u8], &[u8])] = &[(b"\xff\xfe", b"secret"), (b"seq", b"7")];
        let good: &[(&[u8], &[u8])] = &[(b"seq", b"8")];
        mock.produce(
            "src.t.f.v1",
            &[Record::new(b"a", poison), Record::new(b"b", good)],
        );
        let mut source = Source::start(&mock.settings(), "lake").expect("it starts");
        source.read(vec![StartAt {
            lane: LANE,
            topic: "src.t.f.v1".to_owned(),
            offset: None,
        }]);
        let read = read(&mut source, 2).await;
        let value = |text: &'static [u8]| Some(Bytes::from_static(text));
        let headers: Vec<_> = read.iter().map(|message| message.headers.clone()).collect();
        let unreadable = (UNREADABLE_NAME.to_owned(), None);
        let seq = |text| ("seq".to_owned(), value(text));
        assert_eq!(headers, [vec![unreadable, seq(b"7")], vec![seq(b"8")]]);
        assert_eq!(
            [read[0].value.clone(), read[1].value.clone()],
            [value(b"a"), value(b"b")]
        );
        assert!(!reads_header());
    }
}
