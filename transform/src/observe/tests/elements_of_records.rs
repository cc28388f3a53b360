//! What one record says of several people, and the several elements of a list that it fills.

use yidang_schemas::defect::Outcome;

use crate::cell::Value;
use crate::kit::{Sent, embedded, failed, id_key, observe, observe_one};
use crate::observe::Observation;

const MAN: &str = "350203199001010018";
const WOMAN: &str = "350206198507151226";

fn sent(body: &str) -> Sent {
    Sent::new(body)
        .header("seq", "7")
        .header("business-time", "1795300000000")
}

/// `slot column=value` of the cells of one column, sorted.
fn of_column(observation: &Observation, column: &str) -> Vec<String> {
    let catalog = embedded();
    let statement = observation.statement.as_ref().expect("a statement");
    let told = statement.cells.iter().filter_map(|cell| {
        let dossier = catalog.dossier(cell.target.kind)?;
        let name = dossier.leaf_name(cell.target.leaf);
        let value = match cell.value {
            Value::Null => "null".to_owned(),
            Value::Text(text) => text.to_owned(),
            Value::Date(days) => crate::calendar::date_of(days).to_string(),
            Value::Integer(number) => number.to_string(),
        };
        let part = name.strip_prefix(column)?.strip_prefix('.')?;
        Some(format!("{} {part}={value}", cell.slot))
    });
    let mut told: Vec<String> = told.collect();
    told.sort();
    told
}

fn reference(number: &str) -> String {
    id_key().token("RIC", number).to_string()
}

#[test]
fn a_certificate_of_birth_names_two_parents() {
    let body = |father: &str| {
        format!(
            r#"{{"cszmbh":"R350012346","xsexm":"林安","xb":"1","cssj":"2026-11-21 13:40:00","mqsfzh":"{WOMAN}","fqsfzh":"{father}","jgdm":"47010"}}"#
        )
    };
    let both = observe_one("wj.birth", sent(&body(MAN)));
    let parents = of_column(&both, "parents");
    assert_eq!(parents.len(), 4, "{parents:?}");
    for (role, number) in [("MOTHER", WOMAN), ("FATHER", MAN)] {
        let of_role = parents
            .iter()
            .find(|cell| cell.ends_with(&format!("role={role}")));
        let slot = of_role
            .and_then(|cell| cell.split(' ').next())
            .unwrap_or_else(|| panic!("{role}"));
        let wanted = format!("{slot} person_id={}", reference(number));
        assert!(parents.contains(&wanted), "{role}");
    }
    // Without a number there is no element, not one with a role only.
    let one = observe_one("wj.birth", sent(&body("")));
    assert_eq!(of_column(&one, "parents").len(), 2);
    assert_eq!(
        failed(&embedded(), "wj.birth", &one),
        ["fqsfzh:required:REQUIRED"]
    );
    assert_eq!(one.outcome, Outcome::Accepted);
}

#[test]
fn a_wedding_tells_each_of_the_other() {
    let body = format!(
        r#"{{"djh":"J350203-2026-012345","ywlx":"01结婚","nfsfz":"{MAN}","nvfsfz":"{WOMAN}","djrq":"2026年11月11日"}}"#
    );
    let wedding = observe_one("mz.marriage", sent(&body));
    let events = of_column(&wedding, "marriage_events");
    assert!(events.contains(&format!("0 spouse_id={}", reference(WOMAN))));
    assert!(events.contains(&format!("1 spouse_id={}", reference(MAN))));
    let statement = wedding.statement.expect("a statement");
    assert_eq!(statement.targets.len(), 2);
}

#[test]
fn what_is_metered_is_an_element_each() {
    let body = r#"[{"yhbh":"0592000001","hm":"厦门示例科技有限公司","zjhm":"91350203MA3UERU19L","ym":"202610","dl":12.5,"ql":-3}]"#;
    let read = observe_one("gy.utility", sent(body));
    let utilities = of_column(&read, "utilities");
    let ends = |end: &str| utilities.iter().filter(|cell| cell.ends_with(end)).count();
    assert_eq!(utilities.len(), 10, "{utilities:?}");
    assert_eq!(
        (
            ends("kind=ELECTRICITY"),
            ends("kind=WATER"),
            ends("kind=GAS")
        ),
        (1, 0, 1)
    );
    assert_eq!(
        (ends("qty=12500"), ends("qty=-3000"), ends("month=2026-10")),
        (1, 1, 2)
    );
    assert_eq!(failed(&embedded(), "gy.utility", &read), ["ql:range:RANGE"]);
}

#[test]
fn a_month_to_come_is_in_the_future_and_this_one_is_not() {
    let outcome = |month: &str| {
        let body = format!(
            r#"[{{"yhbh":"0592000001","hm":"厦门示例科技有限公司","zjhm":"91350203MA3UERU19L","ym":"{month}","dl":1}}]"#
        );
        observe("gy.utility", &[sent(&body)])[0].outcome
    };
    assert_eq!(outcome("202611"), Outcome::Accepted);
    assert_eq!(outcome("202612"), Outcome::Quarantined);
    assert_eq!(outcome("2026-12"), Outcome::Quarantined);
}

#[test]
fn owners_have_shares_of_one_spelling() {
    let owner = |number: &str, share: &str| {
        format!(
            r#"{{"mc":"陈思远","zjzl":"1","zjh":"{number}","gyqk":"按份共有","qlbl":"{share}"}}"#
        )
    };
    let body = format!(
        r#"{{"bdcdyh":"350203001001GB00001F00010001","bdcqzh":"甲","qlr":[{},{}],"djsj":"2026-11-20"}}"#,
        owner(MAN, "50%"),
        owner(WOMAN, "2/4"),
    );
    let right = observe_one("zr.realestate", sent(&body));
    let properties = of_column(&right, "properties");
    let shares = properties.iter().filter(|cell| cell.ends_with("share=1/2"));
    assert_eq!(shares.count(), 2, "{properties:?}");
    assert_eq!(right.outcome, Outcome::Accepted);
}

#[test]
fn a_cancelled_lease_is_in_no_file() {
    let body = |status: &str| {
        format!(
            r#"{{"contractNo":"甲","lesseeCert":"{MAN}","lesseeName":"陈思远","lesseePhone":"13800138000","houseAddr":"厦门市思明区莲前街道示例路1号","startDate":"11/23/2026","endDate":"11/22/2027","status":"{status}"}}"#
        )
    };
    let lease = |status| of_column(&observe_one("zj.lease", sent(&body(status))), "leases");
    assert_eq!(lease("ACTIVE").len(), 4);
    assert_eq!(lease("CANCELLED"), Vec::<String>::new());
}

#[test]
fn a_former_document_stands_among_the_others() {
    let body = r#"{"zjlx":"553","zjhm":"911124198108030024","ywxm":"SMITH, JOHN","zwxm":null,"gj":"CAN","csrq":"1981-08-03","yzjlx":"553","yzjhm":"CAN110081080310"}"#;
    let card = observe_one("yimin.hmt", sent(body));
    let others = of_column(&card, "other_ids");
    assert_eq!(
        others.iter().filter(|cell| cell.contains(" no=")).count(),
        2
    );
    let statement = card.statement.expect("a statement");
    assert_eq!(statement.targets.len(), 1, "no link yet");
}
