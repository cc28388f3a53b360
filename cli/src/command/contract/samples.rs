//! `contract test`: what the samples beside a contract give, against what they are expected to give.
//!
//! Good samples are accepted without a finding. Bad ones give the outcome and rules of `<feed>.bad.expect.yaml`; a
//! record of a bare file arrives at that file's `at`, so that a sample gives the same on every day. Without that file a
//! bad record has to be anything but accepted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Deserialize;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::contract::Contract;
use yidang_schemas::defect::Outcome;
use yidang_schemas::messages::{self, Language};
use yidang_transform::decode::Bounds;
use yidang_transform::observe::{Observation, Observer};

use super::lint;
use super::sources::{FolderArguments, Samples};
use crate::command::feed::{input, judge};
use crate::exit::{Exit, Failure};
use crate::language::LanguageArguments;
use crate::{names, output};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  yidang contract test ./schemas\n  yidang contract test ./schemas --feed ga.hukou --lang zh\n  \
yidang contract test draft.odcs.yaml --sample records.csv\n\n\
Beside a contract <feed>.odcs.yaml stand <feed>.good.jsonl (or .csv), of which every record is accepted, and\n\
<feed>.bad.jsonl, of which none is; <feed>.bad.expect.yaml says which outcome and rules each bad record gives.\n\
Exit codes: 0 as expected, 1 a difference, 3 the contract is not sound."
)]
pub struct TestArguments {
    #[command(flatten)]
    folder: FolderArguments,
    /// A file of sound records in the contract's own format instead of the samples beside it: each has to be accepted
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// Only the contract of this feed, for example ga.hukou
    #[arg(long, value_name = "ID")]
    feed: Option<String>,
    /// One JSON object a sample
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    language: LanguageArguments,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    record: usize,
    outcome: String,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default, rename = "note")]
    _note: Option<String>,
}

/// `at` and one list per sample file.
#[derive(Debug, Deserialize)]
struct Expectations {
    at: String,
    #[serde(flatten)]
    lists: BTreeMap<String, Vec<Expected>>,
}

/// What one record of a sample should give.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    /// This outcome and these rules, sorted.
    Exactly(Given),
    /// Anything but sound: nobody wrote down what is wrong with it.
    NotAccepted,
}

impl Wanted {
    fn accepted() -> Self {
        Self::Exactly((Outcome::Accepted.name().to_owned(), Vec::new()))
    }

    fn is_given(&self, given: &Given) -> bool {
        match self {
            Self::Exactly(wanted) => wanted == given,
            Self::NotAccepted => given.0 != Outcome::Accepted.name(),
        }
    }
}

/// What one sample gave and should have given.
#[derive(Debug)]
struct Compared {
    file: String,
    record: usize,
    given: Option<Given>,
    expected: Option<Wanted>,
}

impl Compared {
    fn is_same(&self) -> bool {
        match (&self.given, &self.expected) {
            (Some(given), Some(wanted)) => wanted.is_given(given),
            _ => false,
        }
    }
}

pub fn run(arguments: &TestArguments) -> Result<Exit, Failure> {
    let source = arguments.folder.source();
    let loaded = source.load().map_err(|problems| {
        lint::show_all(&problems, arguments.json, arguments.language.language());
        Failure::new(Exit::Invalid, format!("{} is not sound", source.name()))
            .with_next(format!("yidang contract lint {}", source.argument()))
    })?;
    let catalog = Arc::new(loaded.catalog);
    let samples = source.samples();
    let asked = arguments.feed.as_ref().or(loaded.only.as_ref());
    let feeds: Vec<usize> = match asked {
        Some(id) => vec![usize::from(names::feed(&catalog, id, |first| {
            format!("yidang contract test --feed {first}")
        })?)],
        None => (0..catalog.feeds.len()).collect(),
    };
    let sample = arguments.sample.as_deref();
    if sample.is_some() && feeds.len() != 1 {
        return Err(Failure::new(Exit::Usage, "a sample belongs to one contract")
            .with_next("name it: yidang contract test CONTRACT_FILE --sample FILE, or --feed ID --sample FILE"));
    }
    let (mut records, mut differences) = (0, 0);
    for feed in &feeds {
        let tester = Tester::new(&catalog, *feed, &samples);
        let compared = match sample {
            Some(file) => tester.sound(file)?,
            None => tester.compare()?,
        };
        if compared.is_empty() {
            output::note(&format!("{}: no samples", tester.contract.id));
        }
        for one in &compared {
            records += 1;
            differences += usize::from(!one.is_same());
            show(&tester.contract.id, one, arguments);
        }
    }
    output::note(&format!(
        "{records} samples of {} contracts, {differences} different",
        feeds.len()
    ));
    Ok(if differences == 0 {
        Exit::Good
    } else {
        Exit::Findings
    })
}

struct Tester<'t> {
    contract: &'t Contract,
    observer: Observer,
    samples: &'t Samples,
    /// `contracts/<agency>/<feed>`.
    stem: String,
}

impl<'t> Tester<'t> {
    fn new(catalog: &'t Arc<Catalog>, feed: usize, samples: &'t Samples) -> Self {
        let contract = catalog
            .feeds
            .get(feed)
            .expect("the place is one of the catalog's");
        let index = catalog
            .feed_of_id(&contract.id)
            .expect("the feed is the catalog's own");
        let observer = Observer::new(catalog, &judge::any_key(), index, Bounds::default());
        Self {
            contract,
            observer,
            samples,
            stem: format!("contracts/{}", contract.id.replacen('.', "/", 1)),
        }
    }

    fn compare(&self) -> Result<Vec<Compared>, Failure> {
        let bare = self.contract.format.ending();
        let expectations = self.expectations()?;
        let at_ms = self.at_ms(expectations.as_ref())?;
        let mut compared = Vec::new();
        if let Some((file, given)) = self.observed(&format!("good.{bare}"), at_ms)? {
            let expected = vec![Wanted::accepted(); given.len()];
            compared.extend(paired(&file, given, expected));
        }
        for (list, ending) in [
            (bare, format!("bad.{bare}")),
            ("messages", "bad.messages.jsonl".to_owned()),
        ] {
            let given = self.observed(&ending, at_ms)?.map(|(_, given)| given);
            let given = given.unwrap_or_default();
            let expected = match &expectations {
                Some(known) => in_order(known.lists.get(list).map_or(&[], Vec::as_slice)),
                None => vec![Wanted::NotAccepted; given.len()],
            };
            let file = format!("{}.{ending}", self.stem);
            compared.extend(paired(&file, given, expected));
        }
        Ok(compared)
    }

    /// The records of a file that has to be sound, arriving now.
    fn sound(&self, file: &Path) -> Result<Vec<Compared>, Failure> {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).map_err(|error| input::unreadable(&name, &error))?;
        let form = |at_ms| input::Form::bare(self.contract, at_ms);
        let at_ms = yidang_ingest::worker::now_ms();
        let given = self.judged(&name, bytes, form(at_ms), at_ms)?;
        let expected = vec![Wanted::accepted(); given.len()];
        Ok(paired(&name, given, expected))
    }

    fn expectations(&self) -> Result<Option<Expectations>, Failure> {
        let path = format!("{}.bad.expect.yaml", self.stem);
        let Some(bytes) = self.samples.read(&self.stem, "bad.expect.yaml")? else {
            return Ok(None);
        };
        let read = serde_saphyr::from_str(&String::from_utf8_lossy(&bytes));
        read.map(Some).map_err(|error| {
            let next = "write it as at: TIME and lists of { record: 1, outcome: rejected, rules: [auto:key] }";
            Failure::new(Exit::Invalid, format!("read {path}: {error}")).with_next(next)
        })
    }

    /// When records of bare files arrive: `at`, or now where nothing is expected of bad ones.
    fn at_ms(&self, expectations: Option<&Expectations>) -> Result<i64, Failure> {
        let Some(expectations) = expectations else {
            return Ok(yidang_ingest::worker::now_ms());
        };
        let at: Result<jiff::Timestamp, _> = expectations.at.parse();
        at.map(jiff::Timestamp::as_millisecond).map_err(|_| {
            let text = format!(
                "read {}.bad.expect.yaml: `at` is no time with an offset",
                self.stem
            );
            Failure::new(Exit::Invalid, text)
                .with_next("write it as at: \"2026-11-23T10:13:20+08:00\"")
        })
    }

    /// Outcome and rules of every record of a sample file.
    fn observed(&self, ending: &str, at_ms: i64) -> Result<Option<(String, Vec<Given>)>, Failure> {
        let path = format!("{}.{ending}", self.stem);
        let Some(bytes) = self.samples.read(&self.stem, ending)? else {
            return Ok(None);
        };
        let form = if ending.ends_with("messages.jsonl") {
            input::Form::Messages
        } else {
            input::Form::bare(self.contract, at_ms)
        };
        let given = self.judged(&path, bytes, form, at_ms)?;
        Ok(Some((path, given)))
    }

    fn judged(
        &self,
        name: &str,
        bytes: Vec<u8>,
        form: input::Form,
        at_ms: i64,
    ) -> Result<Vec<Given>, Failure> {
        let mut reader = std::io::Cursor::new(bytes);
        let mut input = input::Input::new(&mut reader, form, name);
        let mut given = Vec::new();
        while let Some(sent) = input.next()? {
            let observed = self.observer.observe(&[sent.raw(0)], at_ms);
            let observations = observed.observations.iter();
            given.extend(observations.map(|observation| self.told(observation)));
        }
        Ok(given)
    }

    fn told(&self, observation: &Observation) -> Given {
        let rule = |rule: u16| {
            self.contract
                .rules
                .get(usize::from(rule))
                .map(|rule| rule.id.clone())
        };
        let mut rules: Vec<String> = observation
            .failures
            .iter()
            .filter_map(|failure| rule(failure.rule))
            .collect();
        rules.sort();
        (observation.outcome.name().to_owned(), rules)
    }
}

/// Outcome and sorted rules.
type Given = (String, Vec<String>);

fn in_order(expected: &[Expected]) -> Vec<Wanted> {
    let mut sorted: Vec<&Expected> = expected.iter().collect();
    sorted.sort_by_key(|expected| expected.record);
    let given = |expected: &&Expected| {
        let mut rules = expected.rules.clone();
        rules.sort();
        Wanted::Exactly((expected.outcome.clone(), rules))
    };
    sorted.iter().map(given).collect()
}

fn paired(file: &str, given: Vec<Given>, expected: Vec<Wanted>) -> Vec<Compared> {
    let count = given.len().max(expected.len());
    let (mut given, mut expected) = (given.into_iter(), expected.into_iter());
    (1..=count)
        .map(|record| Compared {
            file: file.to_owned(),
            record,
            given: given.next(),
            expected: expected.next(),
        })
        .collect()
}

fn show(feed: &str, compared: &Compared, arguments: &TestArguments) {
    let same = compared.is_same();
    if arguments.json {
        let expected = compared.expected.as_ref().map(|wanted| match wanted {
            Wanted::Exactly(wanted) => json_of(wanted),
            Wanted::NotAccepted => serde_json::json!({ "outcome": NOT_ACCEPTED }),
        });
        return output::print_json(&serde_json::json!({
            "feed": feed, "file": compared.file, "record": compared.record, "same": same,
            "given": compared.given.as_ref().map(json_of), "expected": expected,
        }));
    }
    if !same {
        output::print(&told(compared, arguments.language.language()));
    }
}

/// A difference as one line.
fn told(compared: &Compared, language: Language) -> String {
    let Compared { file, record, .. } = compared;
    let given = said(compared.given.as_ref(), language);
    let expected = match (&compared.expected, language) {
        (Some(Wanted::NotAccepted), Language::English) => NOT_ACCEPTED.to_owned(),
        (Some(Wanted::NotAccepted), Language::Chinese) => "不被接收".to_owned(),
        (Some(Wanted::Exactly(wanted)), _) => said(Some(wanted), language),
        (None, _) => said(None, language),
    };
    match language {
        Language::English => format!("{file} record {record}: {given}, expected {expected}"),
        Language::Chinese => format!("{file} 第 {record} 条：{given}；预期：{expected}"),
    }
}

const NOT_ACCEPTED: &str = "not accepted";

fn json_of((outcome, rules): &Given) -> serde_json::Value {
    serde_json::json!({ "outcome": outcome, "rules": rules })
}

fn said(given: Option<&Given>, language: Language) -> String {
    let Some((outcome, rules)) = given else {
        return match language {
            Language::English => "no such record".to_owned(),
            Language::Chinese => "没有这条记录".to_owned(),
        };
    };
    let known = Outcome::ALL
        .into_iter()
        .find(|known| known.name() == outcome);
    let outcome = known.map_or(outcome.as_str(), |known| {
        messages::outcome(known).in_language(language)
    });
    match language {
        _ if rules.is_empty() => outcome.to_owned(),
        Language::English => format!("{outcome} by {}", rules.join(", ")),
        Language::Chinese => format!("{outcome}（{}）", rules.join("、")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_in_either_language() {
        let compared = Compared {
            file: "f".to_owned(),
            record: 3,
            given: Some(("rejected".to_owned(), vec!["auto:key".to_owned()])),
            expected: Some(Wanted::accepted()),
        };
        assert_eq!(
            told(&compared, Language::English),
            "f record 3: rejected by auto:key, expected accepted"
        );
        assert_eq!(
            told(&compared, Language::Chinese),
            "f 第 3 条：退回（auto:key）；预期：接收"
        );
    }

    #[test]
    fn without_an_expectation_a_bad_record_is_anything_but_accepted() {
        let given = |outcome: &str| (outcome.to_owned(), vec!["auto:key".to_owned()]);
        let compared = |outcome: &str| {
            let all = paired("f", vec![given(outcome)], vec![Wanted::NotAccepted]);
            all.iter().all(Compared::is_same)
        };
        assert!(compared("rejected") && compared("quarantined") && compared("flagged"));
        assert!(!compared("accepted"));
        let missing = paired("f", vec![given("rejected")], Vec::new());
        assert!(missing.iter().all(|one| !one.is_same()));
    }
}
