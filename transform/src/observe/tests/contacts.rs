//! The transforms of addresses, telephone numbers and plates, carried out by a contract.

use crate::kit::{Sent, cells, embedded, embedded_with, failed, observe_of};

const FEED: &str = "ga.residence";
const FILE: &str = "contracts/ga/residence.odcs.yaml";
const MAPPED: &str =
    "          - { property: mapsTo, value: person.residence_address, vendor: yidang }
          - { property: transform, value: address, vendor: yidang }
";

/// The cell that a text becomes, or the failures of its field.
fn stated(transform: &str, text: &str) -> String {
    let contract = embedded().bundle.files[FILE].clone();
    assert!(contract.contains(MAPPED));
    let mapped = format!(
        "          - property: mapsTo
            vendor: yidang
            value: [ {{ to: person.residence_address, transform: {transform} }} ]
"
    );
    let catalog = embedded_with(&[(FILE, contract.replace(MAPPED, &mapped))]);
    let body = format!(
        r#"{{"sfzhm":"350206198507151226","xm":"林晓梅","jzdz":"{text}","jzdqh12":"350206002003","djrq":"2026/10/08","dqrq":"长期"}}"#
    );
    let sent = Sent::new(body)
        .header("seq", "7")
        .header("business-time", "1795300000000");
    let observed = observe_of(&catalog, FEED, &[sent]);
    let observation = &observed.observations[0];
    let told = cells(&catalog, observation);
    let cell = told
        .iter()
        .find_map(|cell| cell.strip_prefix("residence_address="));
    match cell {
        Some(cell) => cell.to_owned(),
        None => failed(&catalog, FEED, observation).join(" "),
    }
}

#[test]
fn an_address_becomes_its_standard_text_division_and_precision() {
    let raw = "湖里区殿前街道长乐路8号";
    assert_eq!(
        stated("address_standard", raw),
        "福建省厦门市湖里区殿前街道长乐路8号"
    );
    assert_eq!(stated("address_division", raw), "350206002");
    assert_eq!(stated("address_precision", raw), "NUMBER");
    assert_eq!(stated("address", raw), raw);
}

#[test]
fn a_telephone_number_becomes_canonical_with_the_area_of_the_contract() {
    assert_eq!(stated("phone", "+86 138-0013-8000"), "13800138000");
    assert_eq!(stated("phone, area: \"0592\"", "2123456"), "0592-2123456");
    assert_eq!(stated("phone", "2123456"), "jzdz:readable:PHONE_AREA");
}

#[test]
fn a_plate_becomes_canonical_or_is_told() {
    assert_eq!(stated("plate", "闽d·12345"), "闽D12345");
    assert_eq!(stated("plate", "闽D1234"), "jzdz:readable:PLATE_LEN");
}
