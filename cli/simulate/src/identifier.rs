//! Numbers of persons and enterprises, made with valid check characters and spoiled on demand.
//!
//! Sources: GB 11643-1999 (resident number, ISO 7064 MOD 11-2), GB 32100-2015 (unified social credit code), GB 11714
//! (organisation code), GS 15-2006 (registration number, ISO 7064 MOD 11,10). Written for the simulator alone: the
//! truth must not lean on the code that it judges. Every number is drawn from the city's seed.

use jiff::civil::Date;

use crate::random::Random;

const CREDIT_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Text of a fixed number of ASCII characters. It has no `Debug`: it is a personal value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code<const N: usize>([u8; N]);

impl<const N: usize> Code<N> {
    fn from_text(text: &str) -> Self {
        Self(
            text.as_bytes()
                .try_into()
                .expect("the makers of this module build codes of their own length"),
        )
    }

    /// The code that a text is; none for a text of another length or with other characters than ASCII.
    pub fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes().try_into().ok()?;
        text.is_ascii().then_some(Self(bytes))
    }

    /// The code as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.0).expect("codes are made of ASCII characters")
    }
}

/// A resident number of 18 characters.
pub type ResidentId = Code<18>;
/// A unified social credit code of 18 characters.
pub type Credit = Code<18>;
/// An organisation code of 9 characters.
pub type Organisation = Code<9>;
/// A registration number of 15 digits.
pub type Registration = Code<15>;

/// The check character of 17 digits (ISO 7064 MOD 11-2).
pub fn resident_check(first_seventeen: &str) -> char {
    let sum: u32 = first_seventeen
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, digit)| u32::from(digit - b'0') * (1_u32 << ((index + 1) % 10)) % 11)
        .sum();
    // 2^10 is 1 modulo 11, so the exponent may be taken modulo 10.
    char::from(
        *b"10X98765432"
            .get(sum as usize % 11)
            .expect("a remainder of 11 is below 11"),
    )
}

/// A valid resident number: region, birth date, and a sequence whose parity tells the sex (odd = male).
pub fn resident(region: u32, birth: Date, sequence: u64) -> ResidentId {
    let body = format!(
        "{region:06}{:04}{:02}{:02}{sequence:03}",
        birth.year(),
        birth.month(),
        birth.day()
    );
    ResidentId::from_text(&format!("{body}{}", resident_check(&body)))
}

/// Whether 18 characters end in the check character of the first 17.
pub fn resident_check_holds(text: &str) -> bool {
    let Some((body, check)) = text.split_at_checked(17) else {
        return false;
    };
    body.bytes().all(|byte| byte.is_ascii_digit()) && check.chars().eq([resident_check(body)])
}

/// The same number with another body of 17 digits and a check character that fits it.
pub fn with_valid_check(first_seventeen: &str) -> String {
    format!("{first_seventeen}{}", resident_check(first_seventeen))
}

/// The first-generation form (15 digits, no century, no check) of a number of a person born in 1900–1999.
pub fn fifteen_digits(id: &ResidentId) -> String {
    let text = id.text();
    let (region, rest) = text.split_at(6);
    let tail = rest.get(2..11).expect("18 characters: 6 + 2 + 9 + 1");
    format!("{region}{tail}")
}

fn credit_value(character: u8) -> usize {
    CREDIT_ALPHABET
        .iter()
        .position(|c| *c == character)
        .expect("codes are made from this alphabet")
}

fn organisation_check(body: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body
        .chars()
        .zip(WEIGHTS)
        .map(|(c, weight)| c.to_digit(36).expect("digits and capital letters") * weight)
        .sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        value => char::from_digit(value, 10).expect("1 to 9"),
    }
}

/// A valid organisation code of the form MA + 6 symbols + check.
pub fn organisation(random: &mut Random) -> Organisation {
    let mut body = String::from("MA");
    for _ in 0..6 {
        body.push(char::from(random.pick(CREDIT_ALPHABET)));
    }
    let check = organisation_check(&body);
    Organisation::from_text(&format!("{body}{check}"))
}

fn credit_check(body: &str) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for byte in body.bytes() {
        sum += credit_value(byte) * weight;
        weight = weight * 3 % 31;
    }
    char::from(
        *CREDIT_ALPHABET
            .get((31 - sum % 31) % 31)
            .expect("a remainder of 31 is below 31"),
    )
}

/// A valid unified social credit code: authority and category (two characters), region, organisation code.
pub fn credit(prefix: &str, region: u32, organisation: &Organisation) -> Credit {
    let body = format!("{prefix}{region:06}{}", organisation.text());
    Credit::from_text(&format!("{body}{}", credit_check(&body)))
}

/// Whether a sound organisation code stands where a credit code has one: of such a number, or one like it with another
/// check character, nobody could say whether it names a person or an organisation. One that begins with 35, as in Fujian,
/// would be that of a board of arbitration.
pub fn holds_an_organisation(text: &str) -> bool {
    let (body, check) = (text.get(8..16), text.get(16..17));
    body.zip(check)
        .is_some_and(|(body, check)| check.chars().eq([organisation_check(body)]))
}

/// The organisation code inside a credit code (characters 9 to 17).
pub fn organisation_of(credit: &Credit) -> &str {
    credit.text().get(8..17).expect("18 ASCII characters")
}

/// A code whose two check characters hold but whose first character names no authority.
pub fn unknown_authority(credit_text: &str) -> String {
    let body = format!("B1{}", credit_text.get(2..17).expect("18 ASCII characters"));
    let check = credit_check(&body);
    format!("{body}{check}")
}

/// The code with another check character.
pub fn wrong_credit_check(credit_text: &str, salt: u64) -> String {
    let (body, check) = credit_text.split_at(17);
    let value = check.bytes().next().map_or(0, credit_value);
    let other = CREDIT_ALPHABET
        .get((value + 1 + (salt % 30) as usize) % 31)
        .expect("below 31");
    format!("{body}{}", char::from(*other))
}

/// A valid registration number (ISO 7064 MOD 11,10 over 14 digits).
pub fn registration(region: u32, sequence: u64) -> Registration {
    let body = format!("{region:06}{:08}", sequence % 100_000_000);
    let mut product = 10;
    for byte in body.bytes() {
        let sum = (product + u32::from(byte - b'0')) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    Registration::from_text(&format!("{body}{}", (11 - product) % 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_agree_with_published_numbers() {
        assert!(resident_check_holds("11010519491231002X"));
        assert!(resident_check_holds("350213199001010010"));
        assert!(!resident_check_holds("360426199101020090"));
        assert_eq!(credit_check("91350100M000100Y4"), '3');
        assert_eq!(
            credit_check("5135020 3MA07P0NJ1".replace(' ', "").as_str()),
            '0'
        );
        assert_eq!(organisation_check("MA27Y4U4"), '7');
        assert_eq!(organisation_check("D2143569"), 'X');
        assert_eq!(registration(350_200, 10_000_001).text(), "350200100000015");
        assert_eq!(registration(350_203, 20_000_012).text(), "350203200000128");
    }

    #[test]
    fn fifteen_digits_are_the_number_without_century_and_check() {
        let id = resident(350_203, jiff::civil::date(1975, 1, 1), 1);
        assert_eq!(id.text(), "350203197501010015");
        assert_eq!(fifteen_digits(&id), "350203750101001");
    }
}
