//! A catalog of its own, small enough that every feature of the folds meets every other often.
//!
//! One kind of dossier with a scalar, a struct, a ranked column with an end, and a list; two agencies; two full feeds
//! and a patch feed, all of which speak about the same columns.

use std::sync::{Arc, LazyLock};

use yidang_schemas::catalog::Catalog;
use yidang_schemas::dossier::LeafRef;

use crate::kit::catalog_of;

/// Feeds in catalog order.
pub(super) const STAYS: u16 = 0;
pub(super) const BASE: u16 = 1;
pub(super) const MARKS: u16 = 2;

/// Leaves by name: what every feed maps, in contract order.
pub(super) const LEAVES: [&str; 9] = [
    "title",
    "size.width",
    "size.depth",
    "state",
    "since",
    "until",
    "items.kind",
    "items.amount",
    "items.note",
];

#[expect(clippy::too_many_lines, reason = "a data file as text")]
fn dossier() -> String {
    let column = |name: &str, kind: &str, more: &str| {
        format!(
            "      - name: {name}\n        businessName: 列\n        description: A column\n        \
             logicalType: {kind}\n{more}"
        )
    };
    let customs = |more: &str| {
        format!(
            "        customProperties:\n          - {{ property: level, value: L1, vendor: yidang }}\n{more}"
        )
    };
    let custom = |name: &str, value: &str| {
        format!("          - {{ property: {name}, value: {value}, vendor: yidang }}\n")
    };
    let platform = |name: &str, kind: &str, what: &str| {
        column(name, kind, &customs(&custom("platform", what)))
    };
    let part = |name: &str, kind: &str| {
        format!("{{ name: {name}, businessName: 部, description: A part, logicalType: {kind} }}")
    };
    let ranked = custom("rankBy", "since") + &custom("endedBy", "until");
    let contested = custom("contested", "true");
    let columns = [
        platform("thing_id", "string", "subject_id"),
        column("title", "string", &customs("")),
        column(
            "size",
            "object",
            &format!(
                "        properties: [ {}, {} ]\n{}",
                part("width", "integer"),
                part("depth", "integer"),
                customs(&contested)
            ),
        ),
        column(
            "state",
            "string",
            &customs(&(custom("valueOrder", "[GONE, HERE]") + &ranked + &contested)),
        ),
        column("since", "date", &customs(&ranked)),
        column("until", "date", &customs(&custom("internal", "true"))),
        column(
            "items",
            "array",
            &format!(
                "        items:\n          logicalType: object\n          properties: [ {}, {}, {} ]\n{}",
                part("kind", "string"),
                part("amount", "integer"),
                part("note", "string"),
                customs(&custom("elementKey", "[kind]"))
            ),
        ),
        platform("provenance", "object", "provenance"),
        platform("conflicts", "array", "conflicts"),
        platform("completeness", "integer", "completeness"),
        platform("rules_version", "integer", "rules_version"),
        platform("record_version", "integer", "record_version"),
        platform("first_seen_at", "timestamp", "first_seen_at"),
        platform("last_business_time", "timestamp", "last_business_time"),
        platform("updated_at", "timestamp", "updated_at"),
    ];
    format!(
        "apiVersion: v3.2.0\nkind: DataContract\nid: dossier.thing\nversion: 1.0.0\nstatus: active\nname: Things\n\
         customProperties:\n  - {{ property: profile, value: yidang/1, vendor: yidang }}\n  \
         - {{ property: kind, value: thing, vendor: yidang }}\n  \
         - {{ property: observationTable, value: observation_thing, vendor: yidang }}\n  \
         - {{ property: classes, value: [ {{ name: ORG }} ], vendor: yidang }}\n\
         schema:\n  - name: thing_file\n    businessName: 物\n    description: Things\n    physicalType: table\n    \
         physicalName: thing_file\n    properties:\n{}",
        columns.concat()
    )
}

fn contract(agency: &str, name: &str, mode: &str) -> String {
    let field = |name: &str, kind: &str, target: &str, transform: &str| {
        let options = if kind == "date" {
            "        logicalTypeOptions: { format: yyyy-MM-dd }\n"
        } else {
            ""
        };
        format!(
            "      - name: {name}\n        logicalType: {kind}\n{options}        classification: internal\n        \
             customProperties:\n          - {{ property: mapsTo, value: thing.{target}, vendor: yidang }}\n{}",
            match transform {
                "" => String::new(),
                transform => format!(
                    "          - {{ property: transform, value: {transform}, vendor: yidang }}\n"
                ),
            }
        )
    };
    let fields = LEAVES.map(|target| {
        let name = target.replace('.', "_");
        match target {
            "since" | "until" => field(&name, "date", target, ""),
            "size.width" | "size.depth" | "items.amount" => {
                field(&name, "integer", target, "integer")
            }
            _ => field(&name, "string", target, ""),
        }
    });
    format!(
        "apiVersion: v3.2.0\nkind: DataContract\nid: {agency}.{name}\nversion: 1.0.0\nstatus: active\nname: {name}\n\
         customProperties:\n  - {{ property: profile, value: yidang/1, vendor: yidang }}\n  \
         - {{ property: sourceAgency, value: {agency}, vendor: yidang }}\n\
         servers:\n  - {{ server: k, type: kafka, host: h, format: json, encoding: UTF-8 }}\n\
         schema:\n  - name: {name}\n    businessName: 数据\n    physicalType: topic\n    \
         physicalName: src.{agency}.{name}.v1\n    customProperties:\n      \
         - {{ property: recordKey, value: [number], vendor: yidang }}\n      \
         - {{ property: order, value: [ {{ from: \"header:business-time\", type: epoch_ms }}, \
         {{ from: \"header:seq\", type: integer }} ], vendor: yidang }}\n      \
         - {{ property: businessTime, value: {{ from: \"header:business-time\", type: epoch_ms }}, vendor: yidang }}\n      \
         - {{ property: mode, value: {mode}, vendor: yidang }}\n      \
         - {{ property: removal, value: {{ from: \"header:op\", delete: [D], tombstone: delete }}, vendor: yidang }}\n      \
         - property: subjects\n        vendor: yidang\n        value:\n          \
         - {{ kind: thing, identifiers: [ {{ field: owner, class: organisation_code }} ] }}\n    properties:\n      \
         - {{ name: number, logicalType: string, classification: internal }}\n      \
         - {{ name: owner, logicalType: string, classification: internal }}\n{}team: {{ id: {agency} }}\n",
        fields.concat()
    )
}

/// The catalog.
pub(super) fn small() -> Arc<Catalog> {
    static SMALL: LazyLock<Arc<Catalog>> = LazyLock::new(|| {
        let catalog = catalog_of(&[
            ("bundle.yaml", "generation: 1\n".to_owned()),
            ("agencies.yaml", "- { slug: aa, zh: 甲, en: First }\n- { slug: bb, zh: 乙, en: Second }\n".to_owned()),
            (
                "authority.yaml",
                "rulesVersion: 3\nthing:\n  title: [bb.base, aa.stays]\n  size: [aa.stays]\n  items: [bb.marks, bb.base]\n"
                    .to_owned(),
            ),
            ("dossiers/thing.odcs.yaml", dossier()),
            ("contracts/aa/stays.odcs.yaml", contract("aa", "stays", "full")),
            ("contracts/bb/base.odcs.yaml", contract("bb", "base", "full")),
            ("contracts/bb/marks.odcs.yaml", contract("bb", "marks", "patch")),
        ]);
        let ids: Vec<&str> = catalog.feeds.iter().map(|feed| feed.id.as_str()).collect();
        assert_eq!(ids, ["aa.stays", "bb.base", "bb.marks"]);
        catalog
    });
    Arc::clone(&SMALL)
}

/// The leaf of a name.
pub(super) fn leaf(name: &str) -> LeafRef {
    let catalog = small();
    LeafRef {
        kind: 0,
        leaf: catalog.dossiers[0].by_name[name],
    }
}
