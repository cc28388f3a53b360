//! What every reader of foreign bytes has to stand: any bytes at all, without a panic, and a few laws about what it makes of them.
//!
//! A target is a plain function over bytes, run in two ways: by libFuzzer (`cargo fuzz`, see `run`), which looks for new inputs, and
//! by the tests here, which replay the seeds, the kept corpus and inputs drawn from them. A broken law panics, as a broken reader does.
//! To add a target: a line in [`TARGETS`], its line in Cargo.toml, and its file in `doors/`.
//! Leaves alone: what a right answer is; the tests beside the code say that.

pub mod corpus;
mod decoders;
mod files;
mod identifiers;
mod naive;
mod normalizers;
mod parties;
mod predicates;
mod records;
mod registered;
mod samples;
mod stored;
#[cfg(test)]
mod tests;
mod world;

use std::sync::LazyLock;

/// One reader and the inputs to begin with.
#[derive(Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    /// Panics where the bytes break a reader or a law.
    pub run: fn(&[u8]),
    /// Sound inputs; mutation needs something to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many inputs the tests draw; dear targets compile a catalog for each.
    pub draws: u32,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Target({})", self.name)
    }
}

const CHEAP: u32 = 1_500;
const DEAR: u32 = 25;

/// All targets.
pub const TARGETS: &[Target] = &[
    target("json", decoders::json, decoders::json_seeds, CHEAP),
    target("csv", decoders::csv, decoders::csv_seeds, CHEAP),
    target(
        "fixed_width",
        decoders::fixed_width,
        decoders::fixed_width_seeds,
        CHEAP,
    ),
    target("xml", decoders::xml, decoders::xml_seeds, CHEAP),
    target(
        "debezium",
        decoders::debezium,
        decoders::debezium_seeds,
        CHEAP,
    ),
    target("canal", decoders::canal, decoders::canal_seeds, CHEAP),
    target("maxwell", decoders::maxwell, decoders::maxwell_seeds, CHEAP),
    target(
        "golden_gate",
        decoders::golden_gate,
        decoders::golden_gate_seeds,
        CHEAP,
    ),
    target("avro", registered::avro, registered::avro_seeds, CHEAP),
    target(
        "avro_schema",
        registered::avro_schema,
        registered::avro_schema_seeds,
        CHEAP,
    ),
    target(
        "protobuf",
        registered::protobuf,
        registered::protobuf_seeds,
        CHEAP,
    ),
    target(
        "protobuf_schema",
        registered::protobuf_schema,
        registered::protobuf_schema_seeds,
        CHEAP,
    ),
    target(
        "resident_id",
        identifiers::resident_id,
        samples::resident_ids,
        CHEAP,
    ),
    target("permit", identifiers::permit, samples::permits, CHEAP),
    target("uscc", identifiers::uscc, samples::usccs, CHEAP),
    target(
        "organisation_code",
        identifiers::organisation_code,
        samples::organisation_codes,
        CHEAP,
    ),
    target(
        "registration_number",
        identifiers::registration_number,
        samples::registration_numbers,
        CHEAP,
    ),
    target(
        "tax_number",
        identifiers::tax_number,
        samples::tax_numbers,
        CHEAP,
    ),
    target("party", parties::party, parties::seeds, CHEAP),
    target("plate", identifiers::plate, samples::plates, CHEAP),
    target("phone", identifiers::phone, samples::phones, CHEAP),
    target("division", identifiers::division, samples::divisions, CHEAP),
    target("name", normalizers::name, samples::names, CHEAP),
    target("address", normalizers::address, samples::addresses, CHEAP),
    target("date", normalizers::date, samples::dates, CHEAP),
    target("money", normalizers::money, samples::amounts, CHEAP),
    target("text", normalizers::text_target, samples::texts, CHEAP),
    target("predicate", predicates::predicate, predicates::seeds, DEAR),
    target("contract", files::contract, files::contract_seeds, DEAR),
    target("dossier", files::dossier, files::dossier_seeds, DEAR),
    target(
        "catalog_file",
        files::catalog_file,
        files::catalog_file_seeds,
        DEAR,
    ),
    target("record", records::record, records::seeds, CHEAP),
    target("stored_record", stored::record, stored::record_seeds, CHEAP),
    target("stored_issue", stored::issue, stored::issue_seeds, CHEAP),
    target(
        "stored_standing",
        stored::standing,
        stored::standing_seeds,
        CHEAP,
    ),
];

const fn target(
    name: &'static str,
    run: fn(&[u8]),
    seeds: fn() -> Vec<Vec<u8>>,
    draws: u32,
) -> Target {
    Target {
        name,
        run,
        seeds,
        draws,
    }
}

/// The target of this name.
pub fn target_of(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Runs a target that has to exist; the doors in `doors/` call it.
pub fn run(name: &str, bytes: &[u8]) {
    (named(name).run)(bytes);
}

fn named(name: &str) -> &'static Target {
    target_of(name).expect("every door is named like its target")
}

/// Where a door puts its inputs before libFuzzer reads them; unset: nowhere.
pub const FOLDER_VARIABLE: &str = "YIDANG_FUZZ_INPUTS";
/// The target of the door to all of them.
pub const TARGET_VARIABLE: &str = "YIDANG_FUZZ_TARGET";

/// Writes seeds and kept inputs of a target as files into the folder that [`FOLDER_VARIABLE`] names.
pub fn unpack(name: &str) {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        let unpacked = corpus::unpack(named(name), folder.as_ref());
        unpacked.expect("the folder of inputs can be written");
    }
}

/// The name that [`TARGET_VARIABLE`] gives.
pub fn told() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        std::env::var(TARGET_VARIABLE).expect("the door to all targets is told which one it is")
    });
    &NAME
}
