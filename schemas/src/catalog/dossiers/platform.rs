//! What the platform fills itself: columns of a dossier, and the source of a list's element.
//!
//! Leaves alone: columns that feeds fill.

use crate::catalog::page::{Customs, Page};
use crate::catalog::yaml::Node;
use crate::dossier::PlatformColumn;

const COLUMNS: [(&str, PlatformColumn); 14] = [
    ("subject_id", PlatformColumn::SubjectId),
    ("token", PlatformColumn::Token),
    ("provenance", PlatformColumn::Provenance),
    ("conflicts", PlatformColumn::Conflicts),
    ("disputed", PlatformColumn::Disputed),
    ("restriction", PlatformColumn::Restriction),
    ("merged_into", PlatformColumn::MergedInto),
    ("split_from", PlatformColumn::SplitFrom),
    ("completeness", PlatformColumn::Completeness),
    ("rules_version", PlatformColumn::RulesVersion),
    ("record_version", PlatformColumn::RecordVersion),
    ("first_seen_at", PlatformColumn::FirstSeenAt),
    ("last_business_time", PlatformColumn::LastBusinessTime),
    ("updated_at", PlatformColumn::UpdatedAt),
];
const MAY_LACK: [PlatformColumn; 5] = [
    PlatformColumn::Token,
    PlatformColumn::Disputed,
    PlatformColumn::Restriction,
    PlatformColumn::MergedInto,
    PlatformColumn::SplitFrom,
];
/// The part of list elements that says which of the row's sources an element rests on.
const ELEMENT_SOURCE: &str = "source";

/// The platform's columns of one dossier, as far as they are read.
#[derive(Default)]
pub(super) struct Filled {
    columns: Vec<PlatformColumn>,
}

impl Filled {
    /// The column that the custom property `platform` names; each can stand in a dossier once.
    pub(super) fn column(&mut self, page: &mut Page<'_>, node: &Node) -> PlatformColumn {
        let found = page.choice(node, "platform", "CT084", &COLUMNS);
        let Some(column) = found else {
            return PlatformColumn::Completeness;
        };
        if self.columns.contains(&column) {
            let sentence = "another column of the dossier is filled in this way";
            page.note("CT084", node.spot, sentence, "keep one of the two");
        }
        self.columns.push(column);
        column
    }

    /// Every file answers for its rows: the token may be left out, and what nothing fills yet.
    pub(super) fn complete(&self, page: &mut Page<'_>, properties: &Node) {
        let needed = COLUMNS
            .iter()
            .filter(|(_, column)| !MAY_LACK.contains(column));
        for (name, _) in needed.filter(|(_, column)| !self.columns.contains(column)) {
            let sentence = format!("the dossier has no column for '{name}'");
            let help =
                format!("add a column with the custom property 'platform' and the value {name}");
            page.note("CT086", properties.spot, sentence, help);
        }
    }
}

/// Whether a part of a column is the platform's own. Only elements of lists have such a part.
pub(super) fn is_part(
    page: &mut Page<'_>,
    part: &Node,
    customs: &Customs<'_>,
    name: &str,
    in_list: bool,
) -> bool {
    let Some(node) = customs.get("platform") else {
        if in_list && name == ELEMENT_SOURCE {
            let sentence = "the platform itself gives the elements of a list a part of this name";
            let help =
                "add the custom property 'platform' with the value source, or choose another name";
            page.note("CT080", part.spot, sentence, help);
        }
        return false;
    };
    page.choice(node, "platform part", "CT084", &[(ELEMENT_SOURCE, ())]);
    if !in_list || name != ELEMENT_SOURCE {
        let sentence = "only a part 'source' of the elements of a list is filled by the platform";
        page.note("CT084", node.spot, sentence, "take the custom property out");
    }
    true
}
