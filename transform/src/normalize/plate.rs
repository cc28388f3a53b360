//! Number plates of motor vehicles: ordinary ones and those of new energy vehicles (GA 36-2018), and their key.
//!
//! The same characters can stand on two vehicles under two plate types, so the key is the plate and its type
//! (GA 24.7). Plates of the armed police and of the forces follow other rules and are refused here.

#[cfg(test)]
mod tests;

use super::fold;

/// What the characters of a plate tell of its vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlateKind {
    /// Five characters behind the authority's letter.
    Ordinary,
    /// Six, the first a letter of energy: small.
    NewEnergySmall,
    /// Six, the last a letter of energy: large.
    NewEnergyLarge,
}

impl PlateKind {
    /// Word of the kind in data.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ordinary => "ORDINARY",
            Self::NewEnergySmall => "NEW_ENERGY_SMALL",
            Self::NewEnergyLarge => "NEW_ENERGY_LARGE",
        }
    }

    /// The plate type of GA 24.7 that these characters have beyond doubt; ordinary ones are of many types.
    fn own_type(self) -> Option<&'static str> {
        match self {
            Self::Ordinary => None,
            Self::NewEnergySmall => Some("52"),
            Self::NewEnergyLarge => Some("51"),
        }
    }
}

/// A plate in canonical spelling: no dot, no blank, half width, capitals. `Debug` shows only its kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Plate {
    /// 7 or 8 characters, `闽D12345`.
    pub text: String,
    pub kind: PlateKind,
}

impl std::fmt::Debug for Plate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Plate({})", self.kind.code())
    }
}

impl Plate {
    /// Key of the vehicle: plate, `/`, plate type of GA 24.7 (two digits). `plate_type` is what the record says; where it
    /// says nothing the kind speaks, and an ordinary plate without its type is no key.
    ///
    /// # Errors
    /// [`PlateProblem::Type`]: no type is known, it is no two digits, or it contradicts the characters.
    pub fn key(&self, plate_type: Option<&str>) -> Result<String, PlateProblem> {
        let own = self.kind.own_type();
        let stated = plate_type
            .map(str::trim)
            .filter(|stated| !stated.is_empty());
        let plate_type = match (stated, own) {
            (Some(stated), Some(own)) if stated != own => return Err(PlateProblem::Type),
            (Some(stated), _) => stated,
            (None, Some(own)) => own,
            (None, None) => return Err(PlateProblem::Type),
        };
        if plate_type.len() != 2 || !plate_type.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PlateProblem::Type);
        }
        Ok(format!("{}/{plate_type}", self.text))
    }
}

/// Why a text is no plate, or has no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlateProblem {
    /// Not 7 or 8 characters.
    Length,
    /// The first character is no province.
    Province,
    /// A character stands where it cannot: I or O, a digit for the authority, a mark in the middle.
    Format,
    /// Characters replaced by `*`.
    Masked,
    /// The plate type is missing, no code, or that of other plates.
    Type,
}

impl PlateProblem {
    /// Stable word for agencies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "PLATE_LEN",
            Self::Province => "PLATE_PROVINCE",
            Self::Format => "PLATE_FORMAT",
            Self::Masked => "PLATE_MASKED",
            Self::Type => "PLATE_TYPE",
        }
    }
}

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
/// Marks that may end an ordinary plate: trailer, learner, police, Hong Kong, Macao, trial, over size.
const MARKS: &str = "挂学警港澳试超";

/// Reads a plate: `闽D12345`, `闽D·12345`, `闽 d 12345`, `闽DD12345`, `闽D12345D`.
///
/// # Errors
/// [`PlateProblem`]: the first reason why the text is no plate.
pub fn parse(raw: &str) -> Result<Plate, PlateProblem> {
    let folded = fold::identifier(raw);
    let text: String = folded
        .text
        .chars()
        .filter(|character| !is_separator(*character))
        .collect();
    if text.contains('*') {
        return Err(PlateProblem::Masked);
    }
    let characters: Vec<char> = text.chars().take(9).collect();
    let [province, authority, rest @ ..] = characters.as_slice() else {
        return Err(PlateProblem::Length);
    };
    if !PROVINCES.contains(*province) {
        return Err(PlateProblem::Province);
    }
    let kind = match rest.len() {
        5 => ordinary(rest),
        6 => new_energy(rest),
        _ => return Err(PlateProblem::Length),
    };
    match kind.filter(|_| is_letter(*authority)) {
        Some(kind) => Ok(Plate { text, kind }),
        None => Err(PlateProblem::Format),
    }
}

fn ordinary(rest: &[char]) -> Option<PlateKind> {
    let [body @ .., last] = rest else {
        return None;
    };
    let sound =
        body.iter().all(|each| is_symbol(*each)) && (is_symbol(*last) || MARKS.contains(*last));
    sound.then_some(PlateKind::Ordinary)
}

fn new_energy(rest: &[char]) -> Option<PlateKind> {
    let digits = |part: &[char]| part.iter().all(char::is_ascii_digit);
    match rest {
        [energy, second, tail @ ..] if is_energy(*energy) && is_symbol(*second) && digits(tail) => {
            Some(PlateKind::NewEnergySmall)
        }
        [body @ .., energy] if is_energy(*energy) && digits(body) => {
            Some(PlateKind::NewEnergyLarge)
        }
        _ => None,
    }
}

/// A to K without I: electric and other new energy.
fn is_energy(character: char) -> bool {
    matches!(character, 'A'..='H' | 'J' | 'K')
}

/// I and O are left out, they read as 1 and 0.
fn is_letter(character: char) -> bool {
    character.is_ascii_uppercase() && !matches!(character, 'I' | 'O')
}

fn is_symbol(character: char) -> bool {
    character.is_ascii_digit() || is_letter(character)
}

fn is_separator(character: char) -> bool {
    matches!(
        character,
        '-' | '.' | '\u{B7}' | '\u{2022}' | '\u{2027}' | '\u{22C5}' | '\u{30FB}' | '\u{FF65}'
    )
}
