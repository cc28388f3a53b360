//! Scalar normalization: one raw text in, one canonical value, or the reason why there is none.
//!
//! Everything here is pure and is called once per cell: no clock, and no allocation
//! where the text is canonical already. Law: normalizing a canonical value gives the same value. What becomes of a
//! record whose value is refused (reject, quarantine, flag) is the contract's business; agency code lists live in contracts,
//! divisions and their history in the catalog, and are handed over where they are needed.
//!
//! Texts of problems and `Debug` output never hold the judged value.

pub mod address;
mod characters;
pub mod currency;
pub mod date;
pub mod division;
pub mod fold;
pub mod identifier_text;
pub mod industry;
pub mod money;
pub mod name;
pub mod organisation_code;
pub mod permit;
pub mod person_identifier;
pub mod phone;
pub mod placeholder;
pub mod plate;
pub mod quantity;
pub mod registration_number;
pub mod resident_id;
pub mod shape;
pub mod share;
pub mod tax_number;
#[cfg(test)]
mod traps;
pub mod uscc;
