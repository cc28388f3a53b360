//! Look-ups at the front of a text: which province, city, district or street begins it.
//!
//! Made once per catalog and used for every address. Longest name first, so that a longer name is never taken for a shorter one.

use std::collections::HashMap;
use std::sync::Arc;

use yidang_schemas::division::{County, Divisions, Local, System};

use super::head::prefix;

/// One-character names of provinces (GB/T 2260 gives the codes); taken only in front of a city or county of theirs.
const ABBREVIATIONS: [(&str, &str); 31] = [
    ("京", "11"),
    ("津", "12"),
    ("冀", "13"),
    ("晋", "14"),
    ("蒙", "15"),
    ("辽", "21"),
    ("吉", "22"),
    ("黑", "23"),
    ("沪", "31"),
    ("苏", "32"),
    ("浙", "33"),
    ("皖", "34"),
    ("闽", "35"),
    ("赣", "36"),
    ("鲁", "37"),
    ("豫", "41"),
    ("鄂", "42"),
    ("湘", "43"),
    ("粤", "44"),
    ("桂", "45"),
    ("琼", "46"),
    ("渝", "50"),
    ("川", "51"),
    ("贵", "52"),
    ("云", "53"),
    ("藏", "54"),
    ("陕", "61"),
    ("甘", "62"),
    ("青", "63"),
    ("宁", "64"),
    ("新", "65"),
];

/// What follows the name of a province in its full form.
const PROVINCE_ENDINGS: [&str; 7] = [
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "省",
    "市",
];

/// What a street or town is called by.
const TOWNSHIP_ENDINGS: [&str; 3] = ["街道", "镇", "乡"];
/// What an office of a street adds to its name.
const OFFICES: [&str; 2] = ["办事处", "办"];

#[derive(Debug)]
struct Province {
    code: String,
    name: String,
    short: String,
}

/// Reads addresses with the divisions of one catalog.
#[derive(Debug)]
pub struct AddressReader {
    divisions: Arc<Divisions>,
    provinces: Vec<Province>,
    /// Code of a city by its name without 市.
    city_stems: HashMap<String, String>,
    /// Place of a township by its name without 街道, 镇 or 乡; only where one township has it.
    township_stems: HashMap<String, usize>,
}

impl AddressReader {
    pub fn new(divisions: &Arc<Divisions>) -> Self {
        let codes = (11..=82).map(|two| format!("{two}0000"));
        let provinces = codes.filter_map(|code| {
            let name = divisions.name_today(&code)?.to_owned();
            let ending = PROVINCE_ENDINGS
                .iter()
                .find_map(|ending| name.strip_suffix(ending));
            let short = ending.unwrap_or(&name).to_owned();
            Some(Province { code, name, short })
        });
        Self {
            provinces: provinces.collect(),
            city_stems: city_stems(divisions.counties()),
            township_stems: stems(divisions.townships(System::Mca)),
            divisions: Arc::clone(divisions),
        }
    }

    pub(super) fn divisions(&self) -> &Divisions {
        &self.divisions
    }

    /// Code of the province that begins `text`, and the text behind it.
    pub(super) fn province<'t>(&self, text: &'t str) -> Option<(&str, &'t str)> {
        let whole = |province: &Province| Some((text.strip_prefix(province.name.as_str())?, false));
        let short = |province: &Province| {
            let after = text.strip_prefix(province.short.as_str())?;
            self.begins_with_part_of(after, prefix(&province.code, 2))
                .then_some((after, true))
        };
        let found = self.provinces.iter().find_map(|province| {
            Some((
                province.code.as_str(),
                whole(province).or_else(|| short(province))?.0,
            ))
        });
        found.or_else(|| {
            let (sign, two) = ABBREVIATIONS
                .iter()
                .find(|(sign, _)| text.starts_with(sign))?;
            let after = text.strip_prefix(sign)?;
            let province = self
                .provinces
                .iter()
                .find(|province| province.code.starts_with(two))?;
            self.begins_with_part_of(after, two)
                .then_some((province.code.as_str(), after))
        })
    }

    fn begins_with_part_of(&self, text: &str, two: &str) -> bool {
        self.city(text, two).is_some() || self.current_county(text, two).is_some()
    }

    /// The city that begins `text`: by its whole name, or without 市 where one of its counties follows.
    pub(super) fn city<'d, 't>(
        &'d self,
        text: &'t str,
        within: &str,
    ) -> Option<(&'d County, &'t str)> {
        let fits = |city: &&County| is_city(city) && city.code.starts_with(within);
        self.beginnings(text).find_map(|(name, after)| {
            if let Some(city) = self.divisions.counties_named(name).find(fits) {
                return Some((city, after));
            }
            let code = self.city_stems.get(name)?;
            let city = self.divisions.county(code).last().filter(fits)?;
            let followed = self.any_county(after, prefix(&city.code, 4)).is_some();
            followed.then_some((city, after))
        })
    }

    /// The district that begins `text`; true where several cities have one of that name and the home city is one of them.
    pub(super) fn district<'d, 't>(
        &'d self,
        text: &'t str,
        within: &str,
    ) -> Option<(&'d County, bool, &'t str)> {
        if within.len() == 4 {
            let (county, after) = self.any_county(text, within)?;
            return Some((county, false, after));
        }
        for (name, after) in self.beginnings(text) {
            let named = || {
                let all = self.divisions.counties_named(name);
                all.filter(|county| is_county(county) && county.code.starts_with(within))
            };
            let current: Vec<&County> = named().filter(|county| county.is_current()).collect();
            match current.as_slice() {
                [only] => return Some((only, false, after)),
                [] => {}
                several => {
                    let home = self.divisions.home()?;
                    let county = several
                        .iter()
                        .find(|county| county.code.starts_with(home))?;
                    return Some((county, true, after));
                }
            }
            let mut retired = named();
            if let (Some(only), None) = (retired.next(), retired.next()) {
                return Some((only, false, after));
            }
        }
        None
    }

    /// A county of a city by any name it ever had, today's first.
    fn any_county<'d, 't>(&'d self, text: &'t str, city: &str) -> Option<(&'d County, &'t str)> {
        self.beginnings(text).find_map(|(name, after)| {
            let named = self.divisions.counties_named(name);
            let inside = named.filter(|county| is_county(county) && county.code.starts_with(city));
            let county = inside.max_by_key(|county| county.is_current())?;
            Some((county, after))
        })
    }

    fn current_county(&self, text: &str, two: &str) -> Option<&County> {
        self.beginnings(text).find_map(|(name, _)| {
            let mut named = self.divisions.counties_named(name);
            named.find(|county| {
                county.is_current() && is_county(county) && county.code.starts_with(two)
            })
        })
    }

    /// The street or town that begins `text`; true where it is called by another kind of name today.
    pub(super) fn township<'d, 't>(&'d self, text: &'t str) -> Option<(&'d Local, bool, &'t str)> {
        for (name, after) in self.beginnings(text) {
            let known = self.divisions.townships_named(name).next();
            if let Some(township) = known {
                return Some((township, false, without_office(after)));
            }
            let ending = TOWNSHIP_ENDINGS
                .iter()
                .find_map(|ending| name.strip_suffix(ending));
            let place = ending.and_then(|stem| self.township_stems.get(stem));
            let townships = self.divisions.townships(System::Mca);
            if let Some(township) = place.and_then(|place| townships.get(*place)) {
                return Some((township, true, without_office(after)));
            }
        }
        None
    }

    /// Beginnings of a text that could be names, the longest first, each with the text behind it.
    fn beginnings<'t>(&self, text: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> + use<'t> {
        let ends: Vec<usize> = text
            .char_indices()
            .take(self.divisions.longest_name())
            .take_while(|(_, character)| !character.is_ascii())
            .map(|(place, character)| place + character.len_utf8())
            .collect();
        ends.into_iter()
            .rev()
            .filter_map(move |end| text.split_at_checked(end))
    }
}

fn is_city(county: &County) -> bool {
    let level = county.code.ends_with("00") && !county.code.ends_with("0000");
    level && county.is_current() && !county.is_heading()
}

fn city_stems(counties: &[County]) -> HashMap<String, String> {
    let cities = counties.iter().filter(|county| is_city(county));
    let stems = cities.filter_map(|city| {
        let stem = city.name.strip_suffix('市')?;
        Some((stem.to_owned(), city.code.clone()))
    });
    stems.collect()
}

/// Below the city, and a place.
fn is_county(county: &County) -> bool {
    !county.code.ends_with("00") && !county.is_heading()
}

fn stems(townships: &[Local]) -> HashMap<String, usize> {
    let mut stems: HashMap<String, Option<usize>> = HashMap::new();
    for (place, township) in townships.iter().enumerate() {
        let ending = TOWNSHIP_ENDINGS
            .iter()
            .find_map(|ending| township.name.strip_suffix(ending));
        if let Some(stem) = ending {
            stems
                .entry(stem.to_owned())
                .and_modify(|known| *known = None)
                .or_insert(Some(place));
        }
    }
    let single = stems
        .into_iter()
        .filter_map(|(stem, place)| Some((stem, place?)));
    single.collect()
}

fn without_office(mut text: &str) -> &str {
    while let Some(after) = OFFICES.iter().find_map(|office| text.strip_prefix(office)) {
        text = after;
    }
    text
}
