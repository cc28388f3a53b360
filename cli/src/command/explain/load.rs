//! An engine to ask: loaded read-only, from tables that a worker may be writing meanwhile.

use std::time::Duration;

use yidang_ingest::bundle;
use yidang_ingest::engine::Engine;
use yidang_ingest::lake::Tables;
use yidang_ingest::recover::{Access, recover};
use yidang_schemas::fault::{Fault, FaultKind};

use crate::exit::{Exit, Failure};
use crate::lake::OpenedLake;

/// Between two tables that are opened a worker may commit; a new look then sees both in step.
const LOOKS: u32 = 5;
const BETWEEN: Duration = Duration::from_millis(300);

pub async fn engine(opened: &OpenedLake) -> Result<Engine, Failure> {
    let mut look = 1;
    loop {
        match once(opened).await {
            Ok(Some(engine)) => return Ok(engine),
            Ok(None) => {
                let text = format!("{} is no lake: it has no table landing", opened.lake.uri());
                return Err(Failure::new(Exit::Refused, text)
                    .with_next("yidang run --brokers HOST:PORT --lake URI"));
            }
            Err(fault) if look < LOOKS && fault.kind != FaultKind::Unavailable => {
                look += 1;
                tokio::time::sleep(BETWEEN).await;
            }
            Err(fault) => {
                let next = format!("yidang verify reconcile --lake {}", opened.lake.uri());
                return Err(Failure::from(fault).with_next(next));
            }
        }
    }
}

async fn once(opened: &OpenedLake) -> Result<Option<Engine>, Fault> {
    let Some(mut tables) = Tables::open_existing(&opened.lake, &opened.catalog).await? else {
        return Ok(None);
    };
    tables.catch_up().await?;
    let settings = bundle::settings(&opened.lake).await?.unwrap_or_default();
    let (engine, _) = recover(
        &mut tables,
        &opened.catalog,
        &opened.id_key,
        &settings,
        Access::Read,
    )
    .await?;
    Ok(Some(engine))
}
