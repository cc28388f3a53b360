//! What stands behind the street or town: community, road and number, estate, building, unit, floor, room.
//!
//! Finds the parts by the words that end them. Rewrites nothing, and knows no road: a dictionary is asked for communities only.

use std::ops::Range;

use yidang_schemas::division::{Divisions, village_stem};

use super::standard::Precision;

/// Characters of the longest name of a community that is taken without a dictionary.
const COMMUNITY_MAX: usize = 12;
/// A named village ends in 村; a 新村 is an estate.
const VILLAGE_MAX: usize = 6;

/// Parts found in a text, as byte ranges.
pub(super) type Found = Vec<(Precision, Range<usize>)>;

/// Finds the parts of `text`. `county`: six digits where they are known.
pub(super) fn scan(text: &str, divisions: &Divisions, county: Option<&str>) -> Found {
    let mut tail = Tail {
        text,
        position: 0,
        found: Vec::new(),
    };
    if let Some(end) = community(text, divisions, county) {
        tail.take(Precision::Community, 0..end);
        tail.group();
    }
    tail.road_and_number();
    tail.building();
    tail.inside();
    tail.found
}

struct Tail<'t> {
    text: &'t str,
    /// Everything before is spoken for.
    position: usize,
    found: Found,
}

impl Tail<'_> {
    fn take(&mut self, level: Precision, range: Range<usize>) {
        self.position = range.end;
        if !range.is_empty() {
            self.found.push((level, range));
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn has(&self, level: Precision) -> bool {
        self.found.iter().any(|(found, _)| *found == level)
    }

    /// The earliest run of digits and letters that one of `words` ends.
    fn token(&self, words: &[&str]) -> Option<Range<usize>> {
        let mut earliest: Option<Range<usize>> = None;
        for word in words {
            let Some(start) = counted(self.rest(), word) else {
                continue;
            };
            let start = start.start + self.position..start.end + self.position;
            if earliest
                .as_ref()
                .is_none_or(|known| start.start < known.start)
            {
                earliest = Some(start);
            }
        }
        earliest
    }

    /// `12组` behind a village belongs to it.
    fn group(&mut self) {
        let Some(token) = self.token(&["组", "队", "社"]) else {
            return;
        };
        if token.start == self.position
            && let Some((_, range)) = self.found.last_mut()
        {
            range.end = token.end;
            self.position = token.end;
        }
    }

    fn road_and_number(&mut self) {
        if let Some(number) = house_number(self.rest()) {
            let number = number.start + self.position..number.end + self.position;
            self.take(Precision::Road, self.position..number.start);
            self.take(Precision::Number, number);
            return;
        }
        let digits = self
            .rest()
            .find(|character: char| character.is_ascii_digit());
        let names = self.rest().get(..digits.unwrap_or(self.rest().len()));
        let names = names.unwrap_or_default();
        let end = ["路", "街", "大道", "巷"]
            .iter()
            .filter_map(|word| names.rfind(word).map(|start| start + word.len()))
            .max();
        if let Some(end) = end {
            self.take(Precision::Road, self.position..self.position + end);
        }
    }

    fn building(&mut self) {
        let token = self.token(&["号楼", "#楼", "#", "幢", "座"]);
        let inside = self.token(&["单元", "梯", "层", "楼", "室"]);
        let end = match (&token, &inside) {
            (Some(building), _) => building.start,
            (None, Some(inside)) => inside.start,
            (None, None) => self.text.len() - trailing_room(self.rest()),
        };
        // One character alone is no name.
        let name = self.text.get(self.position..end).unwrap_or_default();
        if name.chars().count() > 1 {
            self.take(Precision::Estate, self.position..end);
        }
        if let Some(token) = token {
            self.take(Precision::Building, token);
        }
    }

    fn inside(&mut self) {
        for (level, words) in [
            (Precision::Unit, &["单元", "梯"][..]),
            (Precision::Floor, &["层", "楼"]),
            (Precision::Room, &["室", "房", "户", "号"]),
        ] {
            if let Some(token) = self.token(words) {
                self.take(level, token);
            }
        }
        let placed = [
            Precision::Number,
            Precision::Building,
            Precision::Unit,
            Precision::Floor,
        ];
        let length = trailing_room(self.rest());
        if length > 0
            && !self.has(Precision::Room)
            && placed.into_iter().any(|level| self.has(level))
        {
            self.take(Precision::Room, self.text.len() - length..self.text.len());
        }
    }
}

/// Digits and letters in front of `word`, with the word.
fn counted(text: &str, word: &str) -> Option<Range<usize>> {
    text.match_indices(word).find_map(|(place, _)| {
        let before = text.get(..place).unwrap_or_default();
        let start = before.trim_end_matches(is_sign).len();
        (start < place).then_some(start..place + word.len())
    })
}

fn is_sign(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

/// The first `12号`, `12-3号`, `12之1号` with `之3` behind it; a 号楼 is a building, a 号线 a railway.
fn house_number(text: &str) -> Option<Range<usize>> {
    let is_digit = |character: char| character.is_ascii_digit() || matches!(character, '-' | '之');
    for (place, word) in text.match_indices('号') {
        let before = text.get(..place).unwrap_or_default();
        let start = before.trim_end_matches(is_digit).len();
        let end = place + word.len();
        let after = text.get(end..).unwrap_or_default();
        let digits = text.get(start..place).unwrap_or_default();
        if !digits.starts_with(|first: char| first.is_ascii_digit())
            || after.starts_with(['楼', '线'])
        {
            continue;
        }
        let suffix = after.strip_prefix('之').map_or(0, |digits| {
            let others = digits.trim_start_matches(|character: char| character.is_ascii_digit());
            let length = digits.len() - others.len();
            if length > 0 {
                length + '之'.len_utf8()
            } else {
                0
            }
        });
        return Some(start..end + suffix);
    }
    None
}

/// Bytes of a room at the very end: two to five signs with a digit among them.
fn trailing_room(text: &str) -> usize {
    let before = text.trim_end_matches(is_sign);
    let signs = text.get(before.len()..).unwrap_or_default();
    let sound = (2..=6).contains(&signs.len()) && signs.bytes().any(|byte| byte.is_ascii_digit());
    if sound { signs.len() } else { 0 }
}

/// Where the name of a community at the front ends.
fn community(text: &str, divisions: &Divisions, county: Option<&str>) -> Option<usize> {
    let names = text
        .find(|character: char| character.is_ascii())
        .unwrap_or(text.len());
    let names = text.get(..names).unwrap_or_default();
    let known = |end: usize| {
        let stem = village_stem(names.get(..end).unwrap_or_default());
        let mut found = divisions.villages_named(stem);
        found.any(|village| county == Some(village.county()))
    };
    let words = [
        "社区居民委员会",
        "社区居委会",
        "居委会",
        "社区",
        "村民委员会",
        "村委会",
        "村",
    ];
    let ends = words
        .iter()
        .filter_map(|word| Some(names.find(word)? + word.len()));
    let end = ends.clone().filter(|end| known(*end)).max();
    if end.is_some() {
        return end;
    }
    let first = words
        .iter()
        .filter_map(|word| Some((names.find(word)?, *word)));
    let (start, word) =
        first.min_by_key(|(start, word)| (*start, std::cmp::Reverse(word.len())))?;
    let stem = names.get(..start).unwrap_or_default();
    let length = stem.chars().count();
    let end = start + word.len();
    let plain = (1..=COMMUNITY_MAX).contains(&length);
    if word != "村" {
        return plain.then_some(end);
    }
    let after = text.get(end..).unwrap_or_default();
    let closed = after.is_empty() || after.starts_with(|next: char| next.is_ascii_digit());
    (plain && length <= VILLAGE_MAX && closed && !stem.ends_with('新')).then_some(end)
}
