//! What becomes of the fields of a contract: one that reaches no column, link or rule is told, unless it says that it is
//! kept on purpose.
//!
//! Leaves alone: whether a mapping, a key or a rule is sound; that is told where each is read.

use super::fields::Read;
use crate::catalog::page::Page;
use crate::catalog::rules::Roles;
use crate::catalog::yaml::Node;
use crate::contract::Contract;
use crate::field::FieldIndex;
use crate::rule::Check;

/// Notes every field that nothing uses, and a contract of which nothing reaches a column.
pub(super) fn tell(page: &mut Page<'_>, schema: &Node, fields: &[Read<'_>], contract: &Contract) {
    let roles = Roles::of(contract, contract.rules.iter());
    for (index, read) in fields.iter().enumerate() {
        let used = roles.is_read(index, contract) || is_linked(index, contract);
        let judged = contract.rules.iter().any(|rule| {
            rule.field == Some(index) && rule.check != Check::Type
                || rule.check.fields().contains(&index)
        });
        let kept = page.flag(read.customs.get("kept"), "kept");
        if kept && used {
            let spot = read
                .customs
                .get("kept")
                .map_or(read.node.spot, |node| node.spot);
            let sentence = format!(
                "the field '{}' is kept in landing and used all the same",
                read.field.name
            );
            page.note("CT047", spot, sentence, "drop 'kept'");
        } else if !kept && !used && !judged {
            let spot = read
                .node
                .get("name")
                .map_or(read.node.spot, |node| node.spot);
            let sentence = format!(
                "the field '{}' reaches no column, link or rule",
                read.field.name
            );
            let help = "map it with mapsTo, or add the custom property 'kept' with the value true";
            page.note("CT047", spot, sentence, help);
        }
    }
    if contract.mappings.is_empty() && contract.constants.is_empty() {
        let spot = schema
            .get("properties")
            .map_or(schema.spot, |node| node.spot);
        let help = "give at least one field a mapsTo, for example person.name";
        page.note(
            "CT048",
            spot,
            "nothing of the contract reaches any column",
            help,
        );
    }
}

/// Whether the field holds an identifier, or the type of the document in another one.
fn is_linked(index: FieldIndex, contract: &Contract) -> bool {
    let own = contract.fields.get(index);
    let types = contract
        .fields
        .iter()
        .filter_map(|field| field.identifier.as_ref()?.type_field());
    own.is_some_and(|field| field.identifier.is_some())
        || types.into_iter().any(|field| field == index)
}
