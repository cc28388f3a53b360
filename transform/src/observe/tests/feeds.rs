//! The cells that each feed states, field by field, against what the standards say by hand.

use crate::kit::{ARRIVAL_MS, Sent, cells, embedded, failed, id_key, observe_one};
use crate::observe::Observation;

const HUKOU: &str = r#"{"GMSFHM":"35020319900101001８","XM":" 陈思远","XB":"1","MZ":"01","CSRQ":"19900101","HKXZQH":"350203","HKXZ":"思明区 莲前街道8號","HH":" 3502030000123 ","YHZGX":"2","HYZK":"2","ZXBS":"0","ZXYY":"","ZXSJ":"","GXSJ":"20261101103045"}"#;

fn ordered(body: impl Into<Vec<u8>>) -> Sent {
    Sent::new(body)
        .header("seq", "7")
        .header("business-time", "1795300000000")
}

fn judged(feed: &str, sent: Sent) -> Observation {
    let observation = observe_one(feed, sent);
    assert!(
        observation.outcome.is_accepted(),
        "{:?}",
        failed(&embedded(), feed, &observation)
    );
    observation
}

/// Asserts that a record states exactly these cells.
fn states(feed: &str, sent: Sent, expected: &[&str]) {
    let observation = judged(feed, sent);
    let told = cells(&embedded(), &observation);
    let missing: Vec<&&str> = expected
        .iter()
        .filter(|wanted| !told.iter().any(|cell| cell == **wanted))
        .collect();
    assert!(missing.is_empty(), "missing {missing:?} in {told:#?}");
    assert_eq!(told.len(), expected.len(), "{told:#?}");
}

fn token(class: &str, number: &str) -> String {
    id_key().token(class, number).to_string()
}

#[test]
fn a_household_record_states_the_person_and_the_registration() {
    let household = format!("household_token={}", token("HOUSEHOLD", "3502030000123"));
    let mut expected = vec![
        "id_type=RIC",
        "id_no=350203199001010018",
        "name=陈思远",
        "name_raw=陈思远",
        "sex_code=1",
        "birth_date=1990-01-01",
        "ethnic_code=01",
        "hukou_status=REGISTERED",
        household.as_str(),
        "household_relation=20",
        "hukou_address=思明区莲前街道8号",
        "hukou_division.code=350203",
        "hukou_division.system=MCA",
        "hukou_division.edition=2026-09",
        "marital_code=20",
        "residence_kind=HUKOU",
        "life_status=ALIVE",
    ];
    states("ga.hukou", ordered(HUKOU), &expected);
    let observation = judged("ga.hukou", ordered(HUKOU));
    assert_eq!(
        observation.named[0].token.to_string(),
        token("RIC", "350203199001010018")
    );
    assert_eq!(observation.key.as_ref().unwrap().text, "350203199001010018");
    // A retired district is lost, and its constants with it.
    expected.retain(|cell| !cell.starts_with("hukou_division"));
    states(
        "ga.hukou",
        ordered(HUKOU.replace("\"HKXZQH\":\"350203\"", "\"HKXZQH\":\"350204\"")),
        &expected,
    );
}

#[test]
fn a_cancelled_household_record_speaks_of_death_only_with_its_reason() {
    let with = |reason: &str| {
        let body = HUKOU.replace("\"ZXBS\":\"0\",\"ZXYY\":\"\",\"ZXSJ\":\"\"", reason);
        cells(&embedded(), &judged("ga.hukou", ordered(body)))
    };
    let dead = with("\"ZXBS\":\"1\",\"ZXYY\":\"死亡\",\"ZXSJ\":\"20261030\"");
    for cell in [
        "hukou_status=CANCELLED",
        "life_status=CONFIRMED_DEAD",
        "death_date=2026-10-30",
    ] {
        assert!(dead.iter().any(|told| told == cell), "{cell}: {dead:?}");
    }
    assert!(!dead.iter().any(|told| told.starts_with("residence_kind")));
    let away = with("\"ZXBS\":\"1\",\"ZXYY\":\"迁出\",\"ZXSJ\":\"20261030120000\"");
    assert!(away.iter().any(|told| told == "hukou_status=CANCELLED"));
    assert!(
        !away
            .iter()
            .any(|told| told.starts_with("life_status") || told.starts_with("death_date"))
    );
    let unknown = with("\"ZXBS\":\"7\"");
    assert!(
        !unknown
            .iter()
            .any(|told| told.starts_with("hukou_status") || told.starts_with("life_status"))
    );
}

#[test]
fn a_stay_states_its_division_and_its_end() {
    let body = r#"{"sfzhm":"350206198507151226","xm":"林晓梅","jzdz":"湖里区殿前街道长乐路8号","jzdqh12":"350206002003","djrq":"2026/10/8","dqrq":"2026/10/31"}"#;
    let mut expected = vec![
        "id_type=RIC",
        "id_no=350206198507151226",
        "name=林晓梅",
        "name_raw=林晓梅",
        "residence_kind=FLOATING",
        "residence_address=湖里区殿前街道长乐路8号",
        "residence_division.code=350206002003",
        "residence_division.system=MCA",
        "residence_division.edition=2026-09",
        "residence_since=2026-10-08",
        "residence_until=2026-10-31",
    ];
    states("ga.residence", ordered(body), &expected);
    assert_eq!(
        judged("ga.residence", ordered(body)).key.unwrap().text,
        "350206198507151226\u{1F}2026-10-08"
    );
    expected.retain(|cell| !cell.starts_with("residence_until"));
    states(
        "ga.residence",
        ordered(body.replace("2026/10/31", "长期")),
        &expected,
    );
    // Six digits fail the pattern and name a division all the same: kept and marked. What names none is lost.
    let other = |division: &str| {
        let body = body.replace("350206002003", division);
        ordered(body.replace("2026/10/31", "长期"))
    };
    let rules = |division: &str| {
        let observation = judged("ga.residence", other(division));
        failed(&embedded(), "ga.residence", &observation)
    };
    for cell in &mut expected {
        if cell.starts_with("residence_division.code") {
            *cell = "residence_division.code=350206";
        }
    }
    states("ga.residence", other("350206"), &expected);
    assert_eq!(rules("350206"), ["jzdqh12:pattern:PATTERN"]);
    expected.retain(|cell| !cell.starts_with("residence_division"));
    states("ga.residence", other("殿前街道"), &expected);
    let both = [
        "jzdqh12:pattern:PATTERN",
        "jzdqh12:readable:DIVISION_FORMAT",
    ];
    assert_eq!(rules("殿前街道"), both);
}

#[test]
fn a_certificate_of_death_is_evidence_on_the_day_in_the_city() {
    let body = r#"{"swzbh":"D1","idcard":"350206198507151226","name":"林晓梅","dod":"2026-11-02T16:10:00Z"}"#;
    let expected = [
        "id_type=RIC",
        "id_no=350206198507151226",
        "name=林晓梅",
        "name_raw=林晓梅",
        "life_status=REPORTED_DEAD",
        "death_date=2026-11-03",
        "death_evidence.agency=wj",
        "death_evidence.doc_no=D1",
        "death_evidence.date=2026-11-03",
    ];
    states("wj.death", ordered(body), &expected);
}

#[test]
fn an_insurance_record_states_one_element_of_the_list() {
    let body = r#"{"op":"u","ts_ms":1795392800000,"before":null,"after":{"aac001":"P1","aac002":"350203199001010018","aac003":"陈思远","aac004":"1","aac006":631123200000,"aab998":"91350206ma2ycj5k4m","aae140":"110","aac008":"4","aab301":"350203","aac030":"20150701","aae180":"520000","aae041":"202610"}}"#;
    let expected = [
        "id_type=RIC",
        "id_no=350203199001010018",
        "name=陈思远",
        "name_raw=陈思远",
        "sex_code=1",
        "birth_date=1990-01-01",
        "employer_uscc=91350206MA2YCJ5K4M",
        "social_insurance.kind=PENSION",
        "social_insurance.status=TERMINATED",
        "social_insurance.region=350203",
        "social_insurance.since=2015-07-01",
        "social_insurance.base_cents=520000",
        "social_insurance.last_month=2026-10",
    ];
    states(
        "rs.insurance",
        Sent::new(body).header("seq", "7"),
        &expected,
    );
    let observation = judged("rs.insurance", Sent::new(body).header("seq", "7"));
    assert_eq!(
        observation.order.unwrap().business_time_ms(),
        1_795_392_800_000
    );
    assert_eq!(observation.key.unwrap().text, "P1\u{1F}PENSION");
}

#[test]
fn a_patch_states_empties_and_is_silent_and_its_number_is_a_cell() {
    use crate::cell::Value;
    use crate::record::{FLAG_KIND, IDENTITY_KIND};

    let identities = |body: &str| {
        let observation = judged("yb.medins", ordered(body));
        let statement = observation.statement.unwrap();
        let pseudo = |kind: u8| {
            let own: Vec<bool> = statement
                .cells
                .iter()
                .filter(|cell| cell.target.kind == kind)
                .map(|cell| cell.value == Value::Null)
                .collect();
            own
        };
        (pseudo(IDENTITY_KIND), pseudo(FLAG_KIND).len())
    };
    let whole = r#"{"psn_no":"M1","certno":"350203199001010018","psn_cert_type":"01","brdy":"1990-01-02","insutype":"310","psn_insu_stas":"9","begndate":null,"clct_ym":"2026-10","updt_time":"2026-11-20 10:30:45"}"#;
    let expected = [
        "id_type=RIC",
        "id_no=350203199001010018",
        "birth_date=1990-01-02",
        "medical_insurance.kind=EMPLOYEE",
        "medical_insurance.since=∅",
        "medical_insurance.paid_through=2026-10",
    ];
    states("yb.medins", ordered(whole), &expected);
    // Named, with the two rules that the birth date and the unknown status failed.
    assert_eq!(identities(whole), (vec![false], 2));
    let silent = r#"{"psn_no":"M1","insutype":"310","updt_time":"2026-11-20 10:30:45"}"#;
    states(
        "yb.medins",
        ordered(silent),
        &["medical_insurance.kind=EMPLOYEE"],
    );
    assert_eq!(identities(silent), (vec![], 0));
    let emptied =
        r#"{"psn_no":"M1","certno":null,"insutype":"310","updt_time":"2026-11-20 10:30:45"}"#;
    states(
        "yb.medins",
        ordered(emptied),
        &["id_type=∅", "id_no=∅", "medical_insurance.kind=EMPLOYEE"],
    );
    assert_eq!(identities(emptied), (vec![true], 0));
    // A number without its type cannot be read: silence, not another person and not nobody, and told.
    let untyped = r#"{"psn_no":"M1","certno":"350203199001010018","insutype":"310","updt_time":"2026-11-20 10:30:45"}"#;
    states(
        "yb.medins",
        ordered(untyped),
        &["medical_insurance.kind=EMPLOYEE"],
    );
    assert_eq!(identities(untyped), (vec![], 1));
    let observation = judged("yb.medins", ordered(untyped));
    let rules = failed(&embedded(), "yb.medins", &observation);
    assert_eq!(rules, ["certno:resident_id:ID_TYPE"]);
}

#[test]
fn a_number_is_noted_where_it_is_odd_or_was_damaged_on_its_way() {
    let with = |number: &str| {
        let body = HUKOU.replace("\"35020319900101001８\"", number);
        let observation = observe_one("ga.hukou", ordered(body));
        let mut rules = failed(&embedded(), "ga.hukou", &observation);
        rules.retain(|rule| rule.starts_with("GMSFHM"));
        (rules, observation.outcome.name())
    };
    let check = "GMSFHM:resident_id:ID_CHECK".to_owned();
    let float = "GMSFHM:resident_id:FLOAT_TRUNCATED".to_owned();
    // The sequence 000 is even, so the declared sex is doubted; the number is not.
    let sequence = "GMSFHM:resident_id:ID_SEQUENCE_000".to_owned();
    assert_eq!(
        with("\"350203199001010000\"").0,
        [check.clone(), float.clone()]
    );
    let sound = with(&format!("\"{}\"", with_check("35020319900101000")));
    assert_eq!(sound, (vec![sequence], "flagged"));
    assert_eq!(with("\"350203199001010019\"").0, [check]);
    // As a JSON number: damaged ones are told, whole ones are only of the wrong type.
    let mistyped = "GMSFHM:type:TYPE".to_owned();
    assert_eq!(
        with("350203199001010048"),
        (vec![mistyped.clone(), float], "rejected")
    );
    assert_eq!(with("350203199001010018").0, [mistyped]);
}

fn with_check(digits: &str) -> String {
    let digits: &[u8; 17] = digits.as_bytes().try_into().unwrap();
    let check = crate::normalize::resident_id::check_character(digits);
    format!(
        "{}{}",
        std::str::from_utf8(digits).unwrap(),
        char::from(check)
    )
}

#[test]
fn a_registration_states_codes_money_and_industry() {
    let body = r#"{"PRIPID":"1","UNISCID":"91350203MA3UERU19L","REGNO":"350203100000129","ENTNAME":"厦门示例（集团） 便利店","ENTTYPE":"个体工商户","LEREP":"陈思远","REGCAP":"3万元人民币","REGCAPCUR":"CNY","ESTDATE":"2016-03-18 00:00:00","REGORG":"350203","REGSTATE":"A","INDUSTRYCO":"65","DOMDISTRICT":"350203","DOM":"软件园二期１号"}"#;
    let expected = [
        "uscc=91350203MA3UERU19L",
        "org_code=MA3UERU19",
        "org_category=91",
        "reg_no=350203100000129",
        "name=厦门示例(集团)便利店",
        "entity_type=9500",
        "status=ACTIVE",
        "est_date=2016-03-18",
        "capital.cents=3000000",
        "capital.currency=CNY",
        "reg_authority.code=350203",
        "division.code=350203",
        "division.system=MCA",
        "division.edition=2026-09",
        "address=软件园二期1号",
        "industry_section=I",
        "legal_rep_name=陈思远",
    ];
    states("scjg.register", ordered(body), &expected);
    let named = |body: &str| {
        judged("scjg.register", ordered(body)).named[0]
            .token
            .to_string()
    };
    assert_eq!(named(body), token("ORG", "MA3UERU19"));
    assert_eq!(
        named(&body.replace("91350203MA3UERU19L", "")),
        token("REG", "350203100000129")
    );
}

#[test]
fn a_penalty_row_is_an_element_and_a_row_without_a_code_is_held() {
    let header =
        "\u{FEFF}行政相对人名称,统一社会信用代码,处罚决定书文号,处罚决定日期,处罚金额(万元)\n";
    let body = format!(
        "{header}厦门示例科技有限公司,91350203MA3UERU19L,1号,2026年10月1日,0.5\n陈思远,/,2号,2026-10-01,1\n"
    );
    let observations = crate::kit::observe("scjg.penalty", &[ordered(body)]);
    let catalog = embedded();
    let expected = [
        "uscc=91350203MA3UERU19L",
        "org_code=MA3UERU19",
        "name=厦门示例科技有限公司",
        "org_category=91",
        "penalties.doc_no=1号",
        "penalties.agency=scjg",
        "penalties.date=2026-10-01",
        "penalties.amount_cents=500000",
    ];
    let told = cells(&catalog, &observations[0]);
    assert_eq!(told.len(), expected.len(), "{told:?}");
    assert!(
        expected
            .iter()
            .all(|cell| told.iter().any(|told| told == cell)),
        "{told:?}"
    );
    assert!(!observations[0].alone);
    let order = observations[0].order.as_ref().unwrap().as_bytes().to_vec();
    assert!(order < observations[1].order.as_ref().unwrap().as_bytes().to_vec());
    assert_eq!(
        failed(&catalog, "scjg.penalty", &observations[1]),
        ["subject:SUBJECT_MISSING"]
    );
    assert_eq!(observations[1].outcome.name(), "quarantined");
    assert!(observations[1].failures[0].action == yidang_schemas::rule::Action::Observe);
}

#[test]
fn a_taxpayer_of_fifteen_characters_is_known_by_the_organisation_code_inside() {
    let old = r#"{"nsrsbh":"350203MA2YCJ5K4","shxydm":"","nsrmc":"厦门示例科技有限公司","nsrztDm":"03","nslxDm":"1","xydj":"A","xypjnd":"2025","gxrq":"20261103"}"#;
    let common = [
        "name=厦门示例科技有限公司",
        "tax_status=NORMAL",
        "taxpayer_kind=GENERAL",
        "tax_credit.year=2025",
        "tax_credit.level=A",
        "org_code=MA2YCJ5K4",
    ];
    states("sw.taxpayer", ordered(old), &common);
    let new = old
        .replace("350203MA2YCJ5K4", "91350206MA2YCJ5K4M")
        .replace("\"shxydm\":\"\"", "\"shxydm\":\"91350206MA2YCJ5K4M\"");
    let mut expected = common.to_vec();
    expected.extend(["uscc=91350206MA2YCJ5K4M", "org_category=91"]);
    states("sw.taxpayer", ordered(new.clone()), &expected);
    let target = |body: String| judged("sw.taxpayer", ordered(body)).named[0].token;
    assert_eq!(target(old.to_owned()), target(new));
}

#[test]
fn a_glyph_of_the_senders_own_in_the_name_of_an_organisation_is_kept_and_marked() {
    let with = |glyph: &str| {
        let body = format!(
            r#"{{"nsrsbh":"350203MA2YCJ5K4","nsrmc":"厦门{glyph}示例有限公司","gxrq":"20261103"}}"#
        );
        let observation = judged("sw.taxpayer", ordered(body));
        let rules = failed(&embedded(), "sw.taxpayer", &observation);
        (rules, cells(&embedded(), &observation))
    };
    let (rules, told) = with("\u{E001}");
    assert_eq!(rules, ["nsrmc:readable:NAME_PUA"]);
    assert!(told.contains(&"name=厦门\u{E001}示例有限公司".to_owned()));
    // What the standard knows is repaired, and nothing is said.
    let (rules, told) = with("\u{E863}");
    assert!(rules.is_empty());
    assert!(told.contains(&"name=厦门\u{4DAE}示例有限公司".to_owned()));
}

#[test]
fn a_name_that_fails_its_pattern_is_kept_and_one_that_is_none_is_lost() {
    let with = |name: &str| {
        let observation = observe_one("ga.hukou", ordered(HUKOU.replace(" 陈思远", name)));
        let told = cells(&embedded(), &observation);
        let names: Vec<String> = told
            .into_iter()
            .filter(|cell| cell.starts_with("name"))
            .collect();
        (failed(&embedded(), "ga.hukou", &observation), names)
    };
    let (rules, names) = with("陈\u{E001}远");
    assert_eq!(rules, ["XM:pattern:PATTERN", "XM:readable:NAME_PUA"]);
    assert_eq!(names, ["name=陈\u{E001}远", "name_raw=陈\u{E001}远"]);
    let (rules, names) = with("不详");
    assert_eq!(rules, ["XM:placeholder:PLACEHOLDER"]);
    assert!(names.is_empty());
    let (rules, names) = with("陈4远");
    assert_eq!(rules, ["XM:readable:NAME_DIGIT"]);
    assert!(names.is_empty());
}

#[test]
fn a_sex_or_birth_that_the_number_contradicts_is_kept_and_marked() {
    let body = HUKOU
        .replace("\"XB\":\"1\"", "\"XB\":\"2\"")
        .replace("19900101\"", "19900102\"");
    let observation = observe_one("ga.hukou", ordered(body));
    let mut rules = failed(&embedded(), "ga.hukou", &observation);
    rules.sort();
    assert_eq!(
        rules,
        [
            "CSRQ:id_birth:ID_BIRTH_MISMATCH",
            "XB:id_sex:ID_SEX_MISMATCH"
        ]
    );
    let told = cells(&embedded(), &observation);
    assert!(
        told.contains(&"sex_code=2".to_owned())
            && told.contains(&"birth_date=1990-01-02".to_owned())
    );
    assert_eq!(observation.statement.unwrap().failed.len(), 2);
    assert!(observation.key.unwrap().sound);
}

#[test]
fn a_message_without_a_timestamp_is_dated_by_its_landing() {
    let observation = judged("ga.hukou", ordered(HUKOU).at(-1));
    assert_eq!(observation.timestamp_ms, ARRIVAL_MS);
}
