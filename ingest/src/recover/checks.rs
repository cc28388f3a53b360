//! What has to hold between tables before anything of them is trusted.

use std::collections::BTreeMap;

use yidang_schemas::fault::Fault;
use yidang_sink::Table;

use crate::engine::{Engine, Plan};
use crate::lake::{Tables, is_copied, lane_of_application};
use crate::tables::landing::LandedRow;

/// No table may be ahead of the log that decides.
pub(super) fn landing_is_newest(tables: &Tables) -> Result<(), Fault> {
    let landed = tables.landing.epoch();
    match tables.all().find(|table| table.epoch() > landed) {
        None => Ok(()),
        Some(table) => Err(Fault::invalid(format!(
            "start on lake {}: table {} has epoch {} but landing ends at {landed}: landing was restored from an older \
             moment; restore landing to the moment of {} or restore every table to one moment",
            tables.lake.uri(),
            table.name(),
            table.epoch(),
            table.name()
        ))),
    }
}

/// Landing must hold the rows of an epoch above the state's whole; [`lanes_agree`] finds epochs that are missing.
pub(super) fn landing_has(
    tables: &Tables,
    state_epoch: i64,
    pending: &BTreeMap<i64, Vec<LandedRow>>,
) -> Result<(), Fault> {
    for (epoch, rows) in pending {
        let gap = rows
            .iter()
            .enumerate()
            .find(|(place, row)| i32::try_from(*place) != Ok(row.ordinal));
        if let Some((place, _)) = gap {
            return Err(Fault::invalid(format!(
                "start on lake {}: landing lacks row {place} of epoch {epoch}, which is above the checkpoint of epoch \
                 {state_epoch}; restore landing, or run `yidang verify reconcile --lake {}` to see what is missing",
                tables.lake.uri(),
                tables.lake.uri()
            )));
        }
    }
    Ok(())
}

/// A table may not be older than it was when the checkpoint was written.
pub(super) fn tables_have(tables: &Tables, epochs: &BTreeMap<String, i64>) -> Result<(), Fault> {
    let older = |table: &&Table| {
        epochs
            .get(table.name())
            .is_some_and(|epoch| table.epoch() < *epoch)
    };
    match tables.all().find(older) {
        None => Ok(()),
        Some(table) => {
            let wanted = epochs.get(table.name()).copied().unwrap_or(0);
            Err(Fault::invalid(format!(
                "start on lake {0}: table {1} ends at epoch {2} but had epoch {wanted} when the checkpoint was written: \
                 it was restored from an older moment; restore it to the moment of the others, or run \
                 `yidang rebuild {1} --lake {0}`",
                tables.lake.uri(),
                table.name(),
                table.epoch()
            )))
        }
    }
}

/// Names of the derived tables that this epoch gives rows to and that do not have it.
pub(super) fn lagging(tables: &Tables, plan: &Plan) -> Vec<String> {
    let epoch = plan.input.epoch;
    let mut wanted: Vec<(&Table, bool)> = vec![
        (&tables.quarantine, plan.quarantine.is_some()),
        (&tables.finding, plan.findings.is_some()),
        (&tables.issue_event, plan.events.is_some()),
        (&tables.issue, plan.issue.rows.is_some()),
    ];
    wanted.extend(
        tables
            .observations
            .iter()
            .zip(plan.observations.iter().map(Option::is_some)),
    );
    let touched = plan.files.iter().enumerate().map(|(kind, file)| {
        (file.rows.is_some() || !file.replaced.is_empty()) && !is_copied(tables, kind)
    });
    wanted.extend(tables.files.iter().zip(touched));
    let lagging = wanted
        .into_iter()
        .filter(|(table, gives)| *gives && table.epoch() < epoch);
    lagging.map(|(table, _)| table.name().to_owned()).collect()
}

/// An epoch below the last one was put whole before the next was landed.
pub(super) fn lost_rows(tables: &Tables, lagging: &[String], epoch: i64, last: i64) -> Fault {
    let names = lagging.join(", ");
    let first = lagging.first().map_or("", String::as_str);
    Fault::invalid(format!(
        "start on lake {0}: {names} lacks epoch {epoch} although landing ends at {last}: restored from an older moment; \
         restore it to the moment of the others, or run `yidang rebuild {first} --lake {0}`",
        tables.lake.uri()
    ))
}

/// The position of each lane in landing's log is that of its last landed row: rows that are gone show here.
pub(super) fn lanes_agree(tables: &Tables, engine: &Engine) -> Result<(), Fault> {
    for (application, position) in tables.landing.txns() {
        let Some(lane) = lane_of_application(engine.catalog(), application) else {
            continue;
        };
        let read = engine
            .lanes()
            .get(&lane)
            .map_or(0, |state| state.position());
        if read != *position {
            return Err(Fault::invalid(format!(
                "start on lake {0}: landing's log has read {application} to offset {position}, its rows and the \
                 checkpoint to {read}: rows above the checkpoint are missing; restore landing, or run \
                 `yidang verify reconcile --lake {0}` to see which",
                tables.lake.uri()
            )));
        }
    }
    Ok(())
}
