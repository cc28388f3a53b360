//! Defects that are seeded, as data: the kind of `docs/quality.md`, how it is written, which rules find it, what becomes
//! of the record and what is left of the values.
//!
//! The kinds of every feed are made from a short [`Layout`]; those of one feed stand beside its facts. The expectations
//! are read from the page on kinds of defects and from the domain, never from a contract or a check of the engine.

use std::sync::LazyLock;

use super::{
    Twist, assist, birth, dishonest, enrol, hmt, housing_fund, lease, marriage, realestate, utility,
};
use crate::defect::{Defect, KeyState, Outcome};
use crate::feed::Feed;

/// One way to go wrong, as data.
pub struct Seeded {
    /// Row of the page on kinds of defects, in snake case.
    pub kind: &'static str,
    pub how: How,
    pub rules: Vec<Rule>,
    pub outcome: Outcome,
    /// No rule finds it: it counts as missed.
    pub missed: bool,
}

/// How a defect gets into a record.
pub enum How {
    /// Fields are written in another way; what is left of the cells that come from each.
    Writes(Vec<(&'static str, Sent, Left)>),
    /// Facts are others.
    Twists(Twist),
    Damages(Damage),
}

/// How a field is written.
#[derive(Clone, Copy)]
pub enum Sent {
    Text(&'static str),
    /// JSON as it stands, of another type.
    Raw(&'static str),
    /// The resident number of the field, spoiled.
    Number(Defect),
    /// The credit code of the field, with another check character.
    Credit,
    /// What stood there, with this behind it.
    With(&'static str),
    /// This with four digits behind it, so that no other record has the key.
    Unique(&'static str),
}

/// What is left of a value.
#[derive(Clone, Copy)]
pub enum Left {
    /// The true value: the writing is repaired.
    Same,
    Lost,
    /// The text as sent.
    Text,
    Is(&'static str),
    Integer(i64),
    /// The name, and the name as sent.
    Names(&'static str, &'static str),
}

/// What happens to a message as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    CutOff,
    /// Bytes of another encoding than the declared one.
    OtherEncoding,
    /// A row that lacks its last cell, a line without its last bytes.
    ShortRow,
    UnknownFormat,
    /// XML that is cut off.
    CutOffXml,
    WithoutSequence,
    WithoutTime,
    FutureTime,
}

/// A rule that fails.
#[derive(Clone, Copy)]
pub enum Rule {
    /// Over the whole record.
    Record(&'static str),
    /// Over a header.
    Header(&'static str, &'static str),
    /// An automatic one over a field.
    Field(&'static str, &'static str),
    /// One with a name, at a field.
    Named(&'static str, &'static str),
    /// An automatic one that observes: no issue follows.
    Observed(&'static str, &'static str),
    NamedObserved(&'static str, &'static str),
}

impl Rule {
    /// The rule id.
    pub fn id(self) -> String {
        match self {
            Rule::Record(check) => format!("auto:{check}"),
            Rule::Header(place, check)
            | Rule::Field(place, check)
            | Rule::Observed(place, check) => format!("auto:{place}:{check}"),
            Rule::Named(_, name) | Rule::NamedObserved(_, name) => name.to_owned(),
        }
    }

    /// The source field; empty for rules about records and headers.
    pub fn field(self) -> &'static str {
        match self {
            Rule::Record(_) | Rule::Header(..) => "",
            Rule::Field(field, _)
            | Rule::Named(field, _)
            | Rule::Observed(field, _)
            | Rule::NamedObserved(field, _) => field,
        }
    }

    /// Whether nobody is told.
    pub fn observes(self) -> bool {
        matches!(self, Rule::Observed(..) | Rule::NamedObserved(..))
    }
}

impl Seeded {
    /// What is left of the cells of a field; none where the defect does not touch it.
    pub fn left(&self, field: &str) -> Option<Left> {
        let How::Writes(writes) = &self.how else {
            return None;
        };
        let found = writes.iter().find(|(name, _, _)| *name == field);
        found.map(|(_, _, left)| *left)
    }

    /// How the record key fares.
    pub fn key_state(&self, feed: Feed) -> KeyState {
        let mut state = KeyState::Sound;
        match &self.how {
            How::Damages(
                Damage::CutOff
                | Damage::OtherEncoding
                | Damage::ShortRow
                | Damage::UnknownFormat
                | Damage::CutOffXml,
            ) => state = KeyState::Absent,
            How::Writes(writes) => {
                for (field, sent, left) in writes {
                    let is_key = feed.key_fields().contains(field);
                    match (is_key, sent, left) {
                        (true, Sent::Text("") | Sent::Raw(_), _) => return KeyState::Absent,
                        (false, ..) | (_, _, Left::Same) => {}
                        _ => state = KeyState::Defective,
                    }
                }
            }
            How::Damages(_) | How::Twists(_) => {}
        }
        state
    }

    /// Whether the order cannot be read.
    pub fn lacks_order(&self) -> bool {
        matches!(
            &self.how,
            How::Damages(Damage::WithoutSequence | Damage::WithoutTime)
        ) || self
            .rules
            .iter()
            .any(|rule| matches!(rule, Rule::Record("order")))
    }

    /// Whether the order claims to come from the future.
    pub fn comes_from_the_future(&self, feed: Feed) -> bool {
        let orders_by_time = matches!(feed, Feed::Hmt | Feed::HousingFund | Feed::Enrol);
        match &self.how {
            How::Damages(damage) => orders_by_time && *damage == Damage::FutureTime,
            How::Writes(_) => feed == Feed::RealEstate && self.kind == FUTURE,
            How::Twists(_) => false,
        }
    }
}

const FUTURE: &str = "statement_of_the_future";

/// What the kinds of every feed need to know of one.
pub struct Layout {
    pub feed: Feed,
    /// The field of the subject's number and its check.
    pub number: Option<(&'static str, &'static str)>,
    pub name: Option<&'static str>,
    pub required: &'static [&'static str],
    /// Dates: the field, a text in no declared form, a filler.
    pub dates: &'static [(&'static str, &'static str, &'static str)],
    /// Codes outside the key: the field, an unknown code, the check.
    pub codes: &'static [(&'static str, &'static str, &'static str)],
    /// Fields that hold another JSON type.
    pub mistyped: &'static [&'static str],
    pub has_time_in_order: bool,
    pub is_json: bool,
}

fn seeded(kind: &'static str, outcome: Outcome, how: How, rules: Vec<Rule>) -> Seeded {
    Seeded {
        kind,
        how,
        rules,
        outcome,
        missed: false,
    }
}

/// One field is written in another way.
pub fn writes(
    kind: &'static str,
    outcome: Outcome,
    write: (&'static str, Sent, Left),
    checks: &[&'static str],
) -> Seeded {
    let rules = checks.iter().map(|check| Rule::Field(write.0, check));
    seeded(kind, outcome, How::Writes(vec![write]), rules.collect())
}

/// Several fields, or rules with names.
pub fn all(
    kind: &'static str,
    outcome: Outcome,
    writes: Vec<(&'static str, Sent, Left)>,
    rules: Vec<Rule>,
) -> Seeded {
    seeded(kind, outcome, How::Writes(writes), rules)
}

/// Facts that contradict one another.
pub fn twists(kind: &'static str, twist: Twist, rules: Vec<Rule>) -> Seeded {
    seeded(kind, Outcome::Flagged, How::Twists(twist), rules)
}

/// A message that is damaged.
pub fn damages(kind: &'static str, damage: Damage) -> Seeded {
    let (outcome, rule) = match damage {
        Damage::WithoutSequence | Damage::WithoutTime => {
            (Outcome::Quarantined, Rule::Record("order"))
        }
        Damage::FutureTime => (
            Outcome::Quarantined,
            Rule::Header("business-time", "not_future"),
        ),
        _ => (Outcome::Rejected, Rule::Record("parse")),
    };
    seeded(kind, outcome, How::Damages(damage), vec![rule])
}

/// A kind that no rule finds.
pub fn missed(kind: &'static str, how: How) -> Seeded {
    Seeded {
        missed: true,
        ..seeded(kind, Outcome::Accepted, how, Vec::new())
    }
}

/// The kinds of every feed, as far as the feed can show them.
fn general(layout: &Layout) -> Vec<Seeded> {
    let mut seeds = vec![damages("order_missing", Damage::WithoutSequence)];
    if layout.feed != Feed::RealEstate {
        seeds.push(damages(FUTURE, Damage::FutureTime));
    }
    if layout.has_time_in_order {
        seeds.push(damages("order_missing", Damage::WithoutTime));
    }
    if layout.is_json {
        seeds.push(damages("cut_off", Damage::CutOff));
    }
    seeds.push(damages("other_encoding", Damage::OtherEncoding));
    let key = *layout.feed.key_fields().first().expect("feeds have keys");
    let missing = vec![(key, Sent::Text(""), Left::Lost)];
    seeds.push(all(
        "key_missing",
        Outcome::Rejected,
        missing,
        vec![Rule::Record("key")],
    ));
    for field in layout.mistyped {
        let raw = Sent::Raw("[\"x\"]");
        let write = (*field, raw, Left::Lost);
        seeds.push(writes("other_type", Outcome::Rejected, write, &["type"]));
    }
    for field in layout.required {
        let write = (*field, Sent::Text(""), Left::Lost);
        let kind = "required_missing";
        seeds.push(writes(kind, Outcome::Flagged, write, &["required"]));
    }
    for (field, odd, filler) in layout.dates {
        let write = |text| (*field, Sent::Text(text), Left::Lost);
        seeds.push(writes(
            "date_in_no_form",
            Outcome::Flagged,
            write(odd),
            &["type"],
        ));
        let filler = (!filler.is_empty()).then(|| {
            writes(
                "date_filler",
                Outcome::Flagged,
                write(filler),
                &["placeholder"],
            )
        });
        seeds.extend(filler);
    }
    for (field, code, check) in layout.codes {
        let write = (*field, Sent::Text(code), Left::Lost);
        seeds.push(writes("unknown_code", Outcome::Flagged, write, &[check]));
    }
    seeds.extend(
        layout
            .number
            .into_iter()
            .flat_map(|(field, check)| numbers(layout.feed, field, check)),
    );
    seeds.extend(layout.name.into_iter().flat_map(names));
    seeds
}

fn numbers(feed: Feed, field: &'static str, check: &'static str) -> Vec<Seeded> {
    let unusable = [
        Defect::IdBadCheck,
        Defect::IdMasked,
        Defect::IdWrongLength,
        Defect::IdFloatTruncated,
    ];
    let number = |kind, outcome, defect, left, checks: &[&'static str]| {
        writes(kind, outcome, (field, Sent::Number(defect), left), checks)
    };
    let unusable = unusable.into_iter().map(|defect| {
        let kind = "unusable_number";
        number(kind, Outcome::Rejected, defect, Left::Lost, &[check])
    });
    let mut seeds: Vec<Seeded> = unusable.collect();
    seeds.push(number(
        "number_of_no_day",
        Outcome::Quarantined,
        Defect::IdImpossibleDate,
        Left::Lost,
        &[check],
    ));
    let repaired = [
        Defect::IdLowerCaseX,
        Defect::IdFifteenDigits,
        Defect::IdFullWidth,
        Defect::IdLeadingApostrophe,
        Defect::IdHiddenSpace,
    ];
    let fits = |defect: &Defect| match (feed, defect) {
        // What is wider than its place is cut; GBK has no character that nobody sees; and fifteen digits may as well be
        // the number of a company.
        (Feed::HousingFund, defect) => {
            matches!(defect, Defect::IdLowerCaseX | Defect::IdFifteenDigits)
        }
        (Feed::Assist, Defect::IdHiddenSpace) | (Feed::Dishonest, Defect::IdFifteenDigits) => false,
        _ => true,
    };
    seeds.extend(repaired.into_iter().filter(fits).map(|defect| {
        let kind = "number_repaired";
        number(kind, Outcome::Accepted, defect, Left::Same, &[])
    }));
    seeds
}

fn names(field: &'static str) -> Vec<Seeded> {
    let flagged = |kind, sent, left, checks: &[&'static str]| {
        writes(kind, Outcome::Flagged, (field, sent, left), checks)
    };
    vec![
        flagged(
            "unreadable_name",
            Sent::Text("陈\u{E001}"),
            Left::Text,
            &["pattern", "readable"],
        ),
        flagged(
            "unreadable_name",
            Sent::Text("陈锟斤拷"),
            Left::Lost,
            &["pattern", "readable"],
        ),
        flagged(
            "unreadable_name",
            Sent::With("2"),
            Left::Lost,
            &["readable"],
        ),
        flagged(
            "name_filler",
            Sent::Text("不详"),
            Left::Lost,
            &["placeholder"],
        ),
    ]
}

/// Every seeded defect by feed, in a fixed order.
static SEEDS: LazyLock<Vec<(Feed, Vec<Seeded>)>> = LazyLock::new(|| {
    let kinds: [(Layout, Vec<Seeded>); 10] = [
        (hmt::LAYOUT, hmt::kinds()),
        (birth::LAYOUT, birth::kinds()),
        (marriage::LAYOUT, marriage::kinds()),
        (assist::LAYOUT, assist::kinds()),
        (housing_fund::LAYOUT, housing_fund::kinds()),
        (enrol::LAYOUT, enrol::kinds()),
        (realestate::LAYOUT, realestate::kinds()),
        (lease::LAYOUT, lease::kinds()),
        (dishonest::LAYOUT, dishonest::kinds()),
        (utility::LAYOUT, utility::kinds()),
    ];
    let of = |(layout, own): (Layout, Vec<Seeded>)| {
        let mut seeds = general(&layout);
        seeds.extend(own);
        (layout.feed, seeds)
    };
    kinds.into_iter().map(of).collect()
});

/// The seeded defects of a feed; none for the registers.
pub fn of(feed: Feed) -> &'static [Seeded] {
    let found = SEEDS.iter().find(|(other, _)| *other == feed);
    found.map_or(&[], |(_, seeds)| seeds.as_slice())
}

impl Seeded {
    /// The same with one more rule that fails.
    pub fn with(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }
}
