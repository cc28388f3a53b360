use super::*;

fn of(classification: Option<Classification>, raw: Option<&str>) -> Observed {
    observed(&IdKey::new([1; 32]).of_agency("aa"), classification, raw)
}

#[test]
fn public_and_internal_values_are_shown_escaped_and_cut() {
    let long = "好".repeat(80);
    let shown = of(Some(Classification::Internal), Some(&long));
    assert_eq!(shown.value.unwrap().chars().count(), SHOWN_CHARACTERS);
    let control = of(Some(Classification::Public), Some("a\u{7}b\nc"));
    assert_eq!(control.value.as_deref(), Some("a\\u{7}b\\u{a}c"));
    assert_eq!((control.fingerprint, control.shape), (None, None));
}

#[test]
fn personal_values_are_shown_as_shape_length_and_fingerprint() {
    let observed = of(Some(Classification::Personal), Some("张三 a1"));
    assert_eq!(observed.disclosure, Disclosure::Shape);
    assert_eq!(observed.shape.as_deref(), Some("汉汉 A9"));
    assert_eq!((observed.length, observed.value), (Some(5), None));
    let fingerprint = observed.fingerprint.unwrap();
    assert!(fingerprint.starts_with("f_") && fingerprint.len() == 28);
}

#[test]
fn sensitive_and_unclassified_values_show_their_length_class_only() {
    for classification in [Some(Classification::Sensitive), None] {
        let observed = of(classification, Some("350203199001010018"));
        assert_eq!(observed.length_class, Some("17-32"));
        assert_eq!(
            (observed.length, observed.shape, observed.value),
            (None, None, None)
        );
        assert!(observed.fingerprint.is_some() && observed.because.is_none());
    }
}

#[test]
fn an_identifier_or_a_mobile_number_in_a_public_field_is_treated_as_sensitive_and_said_so() {
    for raw in [
        "350203199001010018",
        "电话 139 0000 1234",
        "3502031990 0101001x",
    ] {
        let observed = of(Some(Classification::Public), Some(raw));
        assert_eq!(
            observed.disclosure,
            Disclosure::Fingerprint,
            "{} bytes",
            raw.len()
        );
        assert_eq!(observed.because, Some("looks_sensitive"));
        assert_eq!(observed.value, None);
    }
}

#[test]
fn nothing_is_said_of_absent_and_empty_values() {
    assert_eq!(of(Some(Classification::Public), None), Observed::absent());
    assert_eq!(of(None, Some("")), Observed::absent());
}

#[test]
fn fingerprints_of_two_agencies_cannot_be_joined() {
    let key = IdKey::new([1; 32]);
    assert_ne!(
        fingerprint(&key.of_agency("aa"), "x"),
        fingerprint(&key.of_agency("bb"), "x")
    );
    assert_eq!(
        fingerprint(&key.of_agency("aa"), "x"),
        fingerprint(&key.of_agency("aa"), "x")
    );
}
