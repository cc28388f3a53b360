//! What stands in front: province, city, district, street or town, read with the dictionary of divisions.
//!
//! A name is taken only as it stands in the dictionary, whole. What is missing above a name is filled where the name leaves no
//! choice; a retired district becomes one of today only where the street lies in its land. Nothing else is ever guessed.

use yidang_schemas::division::{County, Divisions, Local};

use super::reader::AddressReader;

/// What may make one doubt a division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// A province, city or district was filled in.
    Filled,
    /// A retired or split district was replaced, because the street says where it went.
    Mapped,
    /// The street was written as a town or the other way round.
    Renamed,
    /// A name that several cities have was read as that of the home city.
    Home,
    /// The district is retired, and no street says where it went.
    Retired,
    /// Street and district exclude one another.
    Contradicted,
}

/// A set of [`Doubt`]s.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubts(u8);

impl Doubts {
    pub(super) fn has(self, doubt: Doubt) -> bool {
        self.0 & (1 << doubt as u8) != 0
    }

    fn set(&mut self, doubt: Doubt, holds: bool) {
        let bit = 1 << doubt as u8;
        self.0 = if holds { self.0 | bit } else { self.0 & !bit };
    }

    fn add_if(&mut self, doubt: Doubt, holds: bool) {
        if holds {
            self.set(doubt, true);
        }
    }
}

/// The divisions at the front of an address, and the text behind them.
#[derive(Debug, Default)]
pub(super) struct Head<'d, 't> {
    pub province: Option<&'d County>,
    pub city: Option<&'d County>,
    pub district: Option<&'d County>,
    pub township: Option<&'d Local>,
    pub doubts: Doubts,
    pub rest: &'t str,
}

impl<'d, 't> Head<'d, 't> {
    pub(super) fn read(reader: &'d AddressReader, text: &'t str) -> Self {
        let mut head = Self {
            rest: text,
            ..Self::default()
        };
        head.read_province(reader);
        head.read_city(reader);
        head.read_district(reader);
        head.read_township(reader);
        head.fill(reader.divisions());
        head
    }

    fn read_province(&mut self, reader: &'d AddressReader) {
        let Some((code, after)) = reader.province(self.rest) else {
            return;
        };
        self.province = today(reader.divisions(), code);
        self.pass(after, self.province);
    }

    fn read_city(&mut self, reader: &'d AddressReader) {
        let within = self
            .province
            .map_or("", |province| prefix(&province.code, 2));
        let Some((city, after)) = reader.city(self.rest, within) else {
            return;
        };
        self.city = Some(city);
        self.pass(after, self.city);
    }

    fn read_district(&mut self, reader: &'d AddressReader) {
        let within = match (self.city, self.province) {
            (Some(city), _) => prefix(&city.code, 4),
            (None, Some(province)) => prefix(&province.code, 2),
            (None, None) => "",
        };
        let Some((district, home, after)) = reader.district(self.rest, within) else {
            return;
        };
        self.district = Some(district);
        self.doubts.set(Doubt::Home, home);
        self.doubts.set(Doubt::Retired, !district.is_current());
        self.pass(after, self.district);
    }

    fn read_township(&mut self, reader: &'d AddressReader) {
        let divisions = reader.divisions();
        let home = divisions.home().unwrap_or("none");
        let elsewhere = |county: Option<&County>, digits: usize| {
            county.is_some_and(|county| prefix(&county.code, digits) != prefix(home, digits))
        };
        if elsewhere(self.province, 2) || elsewhere(self.city, 4) || elsewhere(self.district, 4) {
            return;
        }
        let Some((township, renamed, after)) = reader.township(self.rest) else {
            return;
        };
        self.township = Some(township);
        self.doubts.set(Doubt::Renamed, renamed);
        self.rest = after;
        let bare = self.city.is_none() && self.district.is_none();
        self.doubts.add_if(Doubt::Home, bare);
        match self.district {
            Some(district) if district.is_current() && district.code == township.county() => {}
            Some(district) => self.settle(divisions, district, township),
            None => {
                self.district = today(divisions, township.county());
                self.doubts.set(Doubt::Filled, true);
            }
        }
    }

    /// A district that is not the street's own: retired or split, or simply another.
    fn settle(&mut self, divisions: &'d Divisions, district: &County, township: &Local) {
        let successors = divisions.successors(&district.code, &district.name);
        if successors
            .iter()
            .any(|successor| successor == township.county())
        {
            self.district = today(divisions, township.county());
            self.doubts.set(Doubt::Mapped, true);
            self.doubts.set(Doubt::Retired, false);
        } else {
            self.doubts.set(Doubt::Contradicted, true);
        }
    }

    /// Fills province and city above what was found.
    fn fill(&mut self, divisions: &'d Divisions) {
        let lowest = self
            .district
            .or(self.city)
            .map(|county| county.code.as_str());
        let Some(code) = lowest else {
            return;
        };
        if self.city.is_none() {
            let city = today(divisions, &format!("{}00", prefix(code, 4)));
            self.city = city.filter(|city| !city.is_heading());
            self.doubts.add_if(Doubt::Filled, self.city.is_some());
        }
        if self.province.is_none() {
            self.province = today(divisions, &format!("{}0000", prefix(code, 2)));
            self.doubts.add_if(Doubt::Filled, self.province.is_some());
        }
    }

    /// Goes on behind a name, its repetitions, and headings of the code list that some copy into addresses.
    fn pass(&mut self, mut after: &'t str, named: Option<&County>) {
        let name = named.map(|county| county.name.as_str());
        while let Some(further) = HEADINGS
            .into_iter()
            .chain(name)
            .find_map(|name| after.strip_prefix(name))
        {
            after = further;
        }
        self.rest = after;
    }
}

/// What the code list calls the districts of a city, and the counties that a province rules directly.
const HEADINGS: [&str; 4] = [
    "市辖区",
    "省直辖县级行政单位",
    "省直辖县级行政区划",
    "自治区直辖县级行政区划",
];

/// The row in force of a code.
fn today<'d>(divisions: &'d Divisions, code: &str) -> Option<&'d County> {
    divisions
        .county(code)
        .last()
        .filter(|county| county.is_current())
}

/// The first digits of a code.
pub(super) fn prefix(code: &str, digits: usize) -> &str {
    code.get(..digits).unwrap_or(code)
}
