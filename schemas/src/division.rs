//! Administrative divisions: which codes and names there are and were, in both official numberings.
//!
//! Filled from `divisions/*.csv`. Counties are those of the country with their history (GB/T 2260); townships and villages are
//! held for one city, the home of the platform. Leaves alone: reading codes and addresses out of texts, which is
//! `transform::normalize`.

use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// Who numbered the township: the two official numberings disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// Ministry of Civil Affairs.
    Mca,
    /// National Bureau of Statistics.
    Nbs,
}

impl System {
    /// Word of the system in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mca => "MCA",
            Self::Nbs => "NBS",
        }
    }
}

/// What is known of a code at a time. Never a reason to refuse a record: sources differ by years, and people keep the code
/// of their first registration for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// In no edition that is held.
    Unknown,
    /// In other years than the one asked for.
    OtherYears,
    /// In force in that year.
    Valid,
}

/// A province, city or county under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct County {
    /// Six digits.
    pub code: String,
    pub name: String,
    /// First year-end list that has it; none where the beginning is not known.
    pub from: Option<i16>,
    /// Last year-end list that has it; none while it is in force.
    pub until: Option<i16>,
}

impl County {
    pub fn is_current(&self) -> bool {
        self.until.is_none()
    }

    /// A heading of the code list rather than a place: the urban districts, or what a province rules directly.
    pub fn is_heading(&self) -> bool {
        matches!(self.name.as_str(), "市辖区" | "市区" | "县") || self.name.contains("直辖")
    }

    /// Lists are made at the end of a year, so the year of a change counts for both rows.
    fn holds_in(&self, year: i16) -> bool {
        self.from.is_none_or(|from| from <= year)
            && self.until.is_none_or(|until| year <= until + 1)
    }
}

/// A street, town, or unit of the statistics; or a village or community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Local {
    /// Nine digits, twelve for villages.
    pub code: String,
    pub name: String,
}

impl Local {
    /// The first six digits.
    pub fn county(&self) -> &str {
        self.code.get(..6).unwrap_or_default()
    }
}

/// All divisions that are held; empty where a schemas folder has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Divisions {
    /// Sorted by code, then from the oldest name to the newest.
    counties: Vec<County>,
    counties_by_name: HashMap<String, Vec<usize>>,
    /// Of each system: sorted by code.
    townships: [Vec<Local>; 2],
    /// Of the Ministry's list.
    townships_by_name: HashMap<String, Vec<usize>>,
    /// Sorted by code, numbered by the Bureau.
    villages: Vec<Local>,
    /// Places in `villages` by name without what a committee adds.
    villages_by_name: HashMap<String, Vec<usize>>,
    /// Of code and name: the codes that its land has today.
    successors: HashMap<(String, String), Vec<String>>,
    editions: HashMap<String, String>,
    longest_name: usize,
}

/// What the files say, before it is put in order.
#[derive(Debug, Default)]
pub struct DivisionRows {
    pub counties: Vec<County>,
    pub townships_mca: Vec<Local>,
    pub townships_nbs: Vec<Local>,
    pub villages: Vec<Local>,
    /// Code, name, and one code of today.
    pub successors: Vec<(String, String, String)>,
    /// Edition by name of the file.
    pub editions: HashMap<String, String>,
}

impl Divisions {
    pub fn new(mut rows: DivisionRows) -> Self {
        let age = |county: &County| (county.until.unwrap_or(i16::MAX), county.from);
        rows.counties
            .sort_by(|one, other| one.code.cmp(&other.code).then(age(one).cmp(&age(other))));
        for locals in [
            &mut rows.townships_mca,
            &mut rows.townships_nbs,
            &mut rows.villages,
        ] {
            locals.sort_by(|one, other| one.code.cmp(&other.code));
        }
        let mut successors: HashMap<(String, String), Vec<String>> = HashMap::new();
        for (code, name, successor) in rows.successors {
            successors.entry((code, name)).or_default().push(successor);
        }
        let names = rows.counties.iter().map(|county| &county.name);
        let locals = rows
            .townships_mca
            .iter()
            .chain(&rows.villages)
            .map(|local| &local.name);
        let longest_name = names.chain(locals).map(|name| name.chars().count()).max();
        Self {
            counties_by_name: by_name(rows.counties.iter().map(|county| county.name.as_str())),
            townships_by_name: by_name(rows.townships_mca.iter().map(|local| local.name.as_str())),
            villages_by_name: by_name(rows.villages.iter().map(|local| village_stem(&local.name))),
            counties: rows.counties,
            townships: [rows.townships_mca, rows.townships_nbs],
            villages: rows.villages,
            successors,
            editions: rows.editions,
            longest_name: longest_name.unwrap_or(0),
        }
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.counties.is_empty()
    }

    /// Edition of a file, `counties`, `townships-mca` …
    pub fn edition(&self, file: &str) -> Option<&str> {
        self.editions.get(file).map(String::as_str)
    }

    /// Edition of a system's townships.
    pub fn edition_of(&self, system: System) -> Option<&str> {
        self.edition(match system {
            System::Mca => "townships-mca",
            System::Nbs => "townships-nbs",
        })
    }

    /// Characters of the longest name held: no look-up needs more.
    pub fn longest_name(&self) -> usize {
        self.longest_name
    }

    /// All provinces, cities and counties under all their names, sorted by code.
    pub fn counties(&self) -> &[County] {
        &self.counties
    }

    /// All names that a six-digit code had, the oldest first.
    pub fn county(&self, code: &str) -> &[County] {
        let start = self
            .counties
            .partition_point(|county| county.code.as_str() < code);
        let end = self
            .counties
            .partition_point(|county| county.code.as_str() <= code);
        self.counties.get(start..end).unwrap_or_default()
    }

    /// Name of a six-digit code today.
    pub fn name_today(&self, code: &str) -> Option<&str> {
        let newest = self.county(code).last()?;
        newest.is_current().then_some(newest.name.as_str())
    }

    /// Provinces, cities and counties of this name, in force and retired.
    pub fn counties_named(&self, name: &str) -> impl Iterator<Item = &County> {
        places(&self.counties_by_name, &self.counties, name)
    }

    /// Streets and towns of this name in the Ministry's list.
    pub fn townships_named(&self, name: &str) -> impl Iterator<Item = &Local> {
        places(&self.townships_by_name, &self.townships[0], name)
    }

    /// Villages and communities of this name, without 社区, 村委会 and the like, in the Bureau's list.
    pub fn villages_named(&self, name: &str) -> impl Iterator<Item = &Local> {
        places(&self.villages_by_name, &self.villages, name)
    }

    /// Streets, towns and units of a system, sorted by code.
    pub fn townships(&self, system: System) -> &[Local] {
        match system {
            System::Mca => &self.townships[0],
            System::Nbs => &self.townships[1],
        }
    }

    /// The unit of a nine-digit code in one system.
    pub fn township(&self, system: System, code: &str) -> Option<&Local> {
        find(self.townships(system), code)
    }

    /// The village of a twelve-digit code; only the Bureau numbers them.
    pub fn village(&self, code: &str) -> Option<&Local> {
        find(&self.villages, code)
    }

    /// First four digits of the city whose townships are held.
    pub fn home(&self) -> Option<&str> {
        self.townships[0].first()?.code.get(..4)
    }

    /// Codes of today for the land that a division of this code and name had; empty where nothing is said of it.
    pub fn successors(&self, code: &str, name: &str) -> &[String] {
        let key = (code.to_owned(), name.to_owned());
        self.successors.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What is known of a code of 6, 9 or 12 digits in a year. Below the county only today's edition is held, and only for
    /// the home city: elsewhere the county speaks for its townships.
    pub fn standing(&self, code: &str, system: System, year: i16) -> Standing {
        let county = code.get(..6).unwrap_or_default();
        let spells = self.county(county);
        if spells.is_empty() || !self.holds_local(code, system) {
            return Standing::Unknown;
        }
        if spells.iter().any(|spell| spell.holds_in(year)) {
            Standing::Valid
        } else {
            Standing::OtherYears
        }
    }

    fn holds_local(&self, code: &str, system: System) -> bool {
        if code.len() <= 6 || !self.home().is_some_and(|home| code.starts_with(home)) {
            return true;
        }
        let township = code.get(..9).unwrap_or_default();
        // A county that is retired has no township in today's list.
        let retired = self.name_today(code.get(..6).unwrap_or_default()).is_none();
        match (code.len(), system) {
            _ if retired => true,
            (12, System::Nbs) => self.village(code).is_some(),
            _ => self.township(system, township).is_some(),
        }
    }
}

/// A name of a village or community without what its committee adds: `前埔社区居委会` is 前埔.
pub fn village_stem(name: &str) -> &str {
    let endings = [
        "社区居民委员会",
        "居民委员会",
        "社区居委会",
        "村民委员会",
        "村委会",
        "居委会",
        "社区",
        "村",
    ];
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending));
    stem.filter(|stem| !stem.is_empty()).unwrap_or(name)
}

fn by_name<'n>(names: impl Iterator<Item = &'n str>) -> HashMap<String, Vec<usize>> {
    let mut found: HashMap<String, Vec<usize>> = HashMap::new();
    for (place, name) in names.enumerate() {
        found.entry(name.to_owned()).or_default().push(place);
    }
    found
}

fn places<'d, T>(
    by_name: &'d HashMap<String, Vec<usize>>,
    all: &'d [T],
    name: &str,
) -> impl Iterator<Item = &'d T> {
    let places = by_name.get(name).map_or(&[][..], Vec::as_slice);
    places.iter().filter_map(|place| all.get(*place))
}

fn find<'d>(locals: &'d [Local], code: &str) -> Option<&'d Local> {
    let place = locals
        .binary_search_by(|local| local.code.as_str().cmp(code))
        .ok()?;
    locals.get(place)
}
