//! `verify truth`: a lake against the city that was streamed into it, which is made anew from its settings.

use clap::Args;
use yidang_ingest::lake::Tables;
use yidang_simulate::{City, CitySettings};

use crate::compare::compare;
use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, open_to_read};
use crate::{key, output};

#[derive(Debug, Args)]
pub struct TruthArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// Seed of the city, as given to simulate
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Records of the city, as given to simulate
    #[arg(long, default_value_t = 30_000)]
    records: u64,
    /// Last instant of the city, as given to simulate
    #[arg(long, value_name = "TIME")]
    end: jiff::Timestamp,
    /// simulate ran without the id key, so its corrections named no real issue
    #[arg(long)]
    made_up_corrections: bool,
    /// Also tell how well each kind of defect is found, feed by feed; JSON always has it
    #[arg(long)]
    by_kind: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: TruthArguments) -> Result<Exit, Failure> {
    let opened = open_to_read(&arguments.lake).await?;
    let id_key = key::existing_bytes(&opened.lake, arguments.lake.id_key_file.as_deref())?;
    let mut settings = CitySettings::new(
        arguments.seed,
        arguments.records,
        arguments.end.as_millisecond(),
    );
    if !arguments.made_up_corrections {
        settings.id_key = Some(id_key);
    }
    let truth = City::new(settings).truth_for(id_key);
    let tables = Tables::open_existing(&opened.lake, &opened.catalog).await?;
    let tables = tables.expect("opening the lake found its tables");
    let comparison = compare(&tables, &opened.catalog, &truth).await?;
    if arguments.json {
        output::print_json(&comparison);
    } else {
        let sum = |counts: &std::collections::BTreeMap<String, u64>| counts.values().sum::<u64>();
        for (table, file) in &comparison.files {
            output::print(&format!(
                "{table}: {} rows and {} cells compared, {} different",
                file.rows, file.cells, file.different
            ));
        }
        output::print(&format!(
            "{} records, {} findings and {} issues compared, {} differences in all",
            sum(&comparison.records),
            comparison.findings,
            sum(&comparison.issues),
            comparison.differences.count
        ));
        comparison
            .differences
            .told
            .iter()
            .for_each(|told| output::print(&format!("  {told}")));
        comparison
            .never_compared
            .iter()
            .for_each(|what| output::print(&format!("  never compared: {what}")));
        if arguments.by_kind {
            let lines = comparison.kinds.lines();
            lines.iter().for_each(|line| output::print(line));
        }
    }
    Ok(if comparison.is_equal() {
        Exit::Good
    } else {
        Exit::Findings
    })
}
