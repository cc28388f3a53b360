//! Names that people type: who asks for one that nobody has is told which there are, and the command to run next.

use yidang_schemas::catalog::Catalog;

use crate::exit::{Exit, Failure};

/// `what` is the noun, `next` the command with a name that there is.
pub fn unknown<'n>(
    what: &str,
    given: &str,
    known: impl IntoIterator<Item = &'n str>,
    next: impl FnOnce(&str) -> String,
) -> Failure {
    let known: Vec<&str> = known.into_iter().collect();
    let text = format!("no {what} {given}; there are {}", known.join(", "));
    let first = known.first().copied().unwrap_or_default();
    Failure::new(Exit::Usage, text).with_next(next(first))
}

/// The place of a feed in the catalog.
pub fn feed(
    catalog: &Catalog,
    id: &str,
    next: impl FnOnce(&str) -> String,
) -> Result<u16, Failure> {
    let known = catalog.feeds.iter().map(|feed| feed.id.as_str());
    catalog
        .feed_of_id(id)
        .ok_or_else(|| unknown("feed", id, known, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_told_with_those_there_are_and_the_next_command() {
        let catalog = Catalog::embedded().unwrap();
        let next = |id: &str| format!("yidang feed check FILE --feed {id}");
        let failure = feed(&catalog, "ga.nothing", next).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        let (known, first) = (&failure.text, &catalog.feeds.first().unwrap().id);
        assert!(known.contains("no feed ga.nothing") && known.contains(first));
        assert!(failure.next.unwrap().ends_with(first));
        assert_eq!(feed(&catalog, first, next).unwrap(), 0);
    }
}
