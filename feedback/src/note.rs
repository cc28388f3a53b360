//! Notes: what records outside the record fold passed.
//!
//! A held or refused version is no part of its record's state, yet it was judged: the rules that it passed count
//! against older failures, whichever arrives first. The passes of accepted versions are remembered by the record
//! fold; those of the others are kept here.

use yidang_transform::order::OrderKey;

use yidang_transform::codec::{Reader, Writer};

const VERSION: u8 = 1;
/// First byte after the version; tells a note from an issue.
pub(crate) const KIND: u8 = b'n';

/// Versions of one record key and the rules of which each has the greatest pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyNote {
    /// Greatest order first. Rules by their place in the contract of the order's bundle generation, sorted.
    versions: Vec<(OrderKey, Vec<u16>)>,
}

impl KeyNote {
    /// Order of the greatest noted pass of `rule`, judged under the same bundle generation.
    pub fn pass_order(&self, rule: u16, generation: u32) -> Option<&OrderKey> {
        let same = self
            .versions
            .iter()
            .filter(|(order, _)| order.generation() == generation);
        let mut passing = same.filter(|(_, rules)| rules.binary_search(&rule).is_ok());
        passing.next().map(|(order, _)| order)
    }

    /// Notes that the version of `order` passed `rules` (sorted). Whether anything changed.
    pub fn add(&mut self, order: &OrderKey, rules: &[u16]) -> bool {
        let generation = order.generation();
        let better = |rule: &u16| {
            self.pass_order(*rule, generation)
                .is_none_or(|kept| kept < order)
        };
        let gained: Vec<u16> = rules.iter().copied().filter(better).collect();
        if gained.is_empty() {
            return false;
        }
        for (kept, rules) in &mut self.versions {
            if kept.generation() == generation {
                rules.retain(|rule| gained.binary_search(rule).is_err());
            }
        }
        self.versions.retain(|(_, rules)| !rules.is_empty());
        match self.versions.iter_mut().find(|(kept, _)| kept == order) {
            Some((_, rules)) => {
                rules.extend(gained);
                rules.sort_unstable();
            }
            None => self.versions.push((order.clone(), gained)),
        }
        self.versions.sort_by(|(one, _), (other, _)| other.cmp(one));
        true
    }

    /// Version byte first.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.u8(VERSION);
        writer.u8(KIND);
        writer.list(&self.versions, |writer, (order, rules)| {
            writer.order(order);
            writer.list(rules, |writer, rule| writer.u16(*rule));
        });
        writer.finish()
    }

    /// Nothing where the bytes are no note of this version.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.u8()? != VERSION || reader.u8()? != KIND {
            return None;
        }
        let versions = reader.list(|reader| Some((reader.order()?, reader.list(Reader::u16)?)))?;
        reader.is_done().then_some(Self { versions })
    }
}
