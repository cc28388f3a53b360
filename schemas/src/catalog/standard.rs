//! What contracts and dossiers have in common: the keys of ODCS v3.2.0 that every file carries, and our profile's mark.
//!
//! Leaves alone: what only one of the two kinds of file has.

pub(super) mod keys;

use super::page::{Customs, Page, nearest};
use super::yaml::{Node, Spot, parse};

impl Page<'_> {
    /// The one of `choices` that a node names.
    pub(super) fn choice<T: Copy>(
        &mut self,
        node: &Node,
        what: &str,
        code: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let name = self.scalar(node, what)?;
        let found = choices
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value);
        if found.is_none() {
            let help = nearest(name, choices.iter().map(|(known, _)| *known));
            self.note(code, node.spot, format!("'{name}' is no {what}"), help);
        }
        found
    }

    /// The file as a document of the standard; nothing where it is no YAML.
    pub(super) fn document(&mut self, text: &str) -> Option<Node> {
        let tree = match parse(text) {
            Ok(tree) => tree,
            Err((spot, why)) => {
                self.syntax(spot, &why);
                return None;
            }
        };
        self.known_keys(&tree, keys::ROOT);
        self.standard(&tree);
        Some(tree)
    }

    /// The file is no YAML.
    pub(super) fn syntax(&mut self, spot: Spot, why: &str) {
        let help =
            "check indentation, tabs, keys written twice, and commas in unquoted texts inside { }";
        self.note(
            "CT001",
            spot,
            format!("the file cannot be read as YAML: {why}"),
            help,
        );
    }

    /// What ODCS asks of every file, and the profile of some of it.
    fn standard(&mut self, tree: &Node) {
        let wanted = [("apiVersion", "v3.2.0"), ("kind", "DataContract")];
        for (name, value) in wanted {
            let Some(node) = self.need(tree, name) else {
                continue;
            };
            if node.scalar() != Some(value) {
                let sentence = format!("'{name}' has to be '{value}'");
                self.note("CT007", node.spot, sentence, format!("write '{value}'"));
            }
        }
        let statuses = ["draft", "active", "deprecated", "retired"].map(|name| (name, ()));
        if let Some(node) = self.need(tree, "status") {
            self.choice(node, "status", "CT007", &statuses);
        }
        self.version(tree);
    }

    fn version(&mut self, tree: &Node) {
        let Some(node) = self.need(tree, "version") else {
            return;
        };
        let Some(version) = self.scalar(node, "version") else {
            return;
        };
        let parts: Vec<_> = version.split('.').map(str::parse::<u32>).collect();
        if parts.len() != 3 || parts.iter().any(Result::is_err) {
            let sentence = format!("'{version}' is no version of three numbers");
            self.note("CT008", node.spot, sentence, "write for example 1.0.0");
        }
    }

    /// The custom property that says which profile a file follows.
    pub(super) fn profile(&mut self, tree: &Node, customs: &Customs<'_>) {
        match customs.get("profile") {
            Some(node) => drop(self.choice(node, "profile", "CT007", &[("yidang/1", ())])),
            None => {
                let help = "add the custom property 'profile' with the value yidang/1";
                self.note(
                    "CT007",
                    tree.spot,
                    "the file does not say its profile",
                    help,
                );
            }
        }
    }

    /// The one schema object of a file.
    pub(super) fn only_schema<'n>(&mut self, tree: &'n Node) -> Option<&'n Node> {
        let listed = self.need(tree, "schema")?;
        let items = self.items(listed, "schema");
        if items.len() != 1 {
            let sentence = format!(
                "a file describes one topic or table, this one {}",
                items.len()
            );
            self.note(
                "CT015",
                listed.spot,
                sentence,
                "keep one entry under 'schema'",
            );
        }
        items.first()
    }

    /// A custom property of the root that has to be there.
    pub(super) fn custom_text(
        &mut self,
        tree: &Node,
        customs: &Customs<'_>,
        name: &str,
    ) -> Option<String> {
        match customs.get(name) {
            Some(node) => self.scalar(node, name).map(str::to_owned),
            None => {
                let sentence = format!("the custom property '{name}' is missing");
                let spot = tree
                    .get("customProperties")
                    .map_or(tree.spot, |node| node.spot);
                self.note(
                    "CT002",
                    spot,
                    sentence,
                    format!("add '{name}' with vendor yidang"),
                );
                None
            }
        }
    }
}
