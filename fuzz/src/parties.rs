//! The identifier of a party: a person or an organisation, told by its document type, by its check character, or not at all.
//!
//! The first byte chooses the document type. Law: nobody is both, and who is found is found again by the canonical number.

use std::sync::LazyLock;

use yidang_schemas::contract::{Contract, Envelope, Format};
use yidang_transform::decode::{Bounds, decode};
use yidang_transform::parse::{FieldReader, facets};
use yidang_transform::schema_book::SchemaView;

use crate::identifiers::text;
use crate::samples::{self, choice, with_choice};
use crate::world::{FLAT_FEED, contract, message};

/// None, a resident id, a travel permit, a passport, an organisation, and one that is no type.
const DOCUMENTS: [&str; 6] = ["", "1", "2", "3", "6", "9"];

static FEED: LazyLock<(Contract, Vec<FieldReader>)> = LazyLock::new(|| {
    let mut contract = contract(FLAT_FEED);
    contract.format = Format::Json;
    contract.envelope = Envelope::None;
    let readers = FieldReader::all(&contract);
    (contract, readers)
});

/// Canonical text of the person or the organisation that a number names.
fn found(document: &str, number: &str) -> (Option<String>, Option<String>) {
    let (contract, readers) = &*FEED;
    let body = serde_json::json!({ "document": document, "citizen": number }).to_string();
    let messages = [message(body.as_bytes())];
    let decoded = decode(contract, Bounds::default(), SchemaView::empty(), &messages);
    let births = [jiff::civil::date(2026, 11, 23)];
    let facets = facets(contract, readers, &decoded, &births);
    let field = contract.field_index("citizen").expect("the feed has it");
    let facet = facets.get(field).expect("there is one for each field");
    let person = facet.person(0).and_then(Result::ok);
    let organisation = facet.organisation(0).and_then(Result::ok);
    if let Some(organisation) = organisation {
        assert!(
            organisation
                .organisation_code()
                .is_none_or(|code| code.len() == 9)
        );
    }
    (
        person.map(|found| found.canonical.as_str().to_owned()),
        organisation.map(|found| found.text().to_owned()),
    )
}

pub(crate) fn party(bytes: &[u8]) {
    let Some((document, number)) = choice(bytes, &DOCUMENTS) else {
        return;
    };
    let (person, organisation) = found(document, &text(number));
    assert!(person.is_none() || organisation.is_none(), "nobody is both");
    for canonical in person.iter().chain(&organisation) {
        let again = found(document, canonical);
        assert!(
            again == (person.clone(), organisation.clone()),
            "a canonical number stays"
        );
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let numbers = [
        samples::resident_ids(),
        samples::usccs(),
        samples::organisation_codes(),
    ];
    let mut seeds = Vec::new();
    for number in numbers.iter().flatten() {
        for document in 0..DOCUMENTS.len() {
            seeds.push(with_choice(document, number));
        }
    }
    seeds
}
