//! `feed try`: the records of a file on their whole way, into a lake of their own.
//!
//! First what `feed check` says of them; then they go through a broker in memory and the same worker that production
//! runs. Leaves alone: keeping anything running. Who has a Kafka sends to it and starts `run`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, AsArray as _};
use clap::Args;
use futures::TryStreamExt as _;
use serde::Serialize;
use tokio::sync::watch;
use yidang_ingest::lake::Tables;
use yidang_ingest::worker::{Worker, WorkerSettings, now_ms};
use yidang_schemas::catalog::Catalog;
use yidang_schemas::dossier::Shape;
use yidang_schemas::messages::Language;
use yidang_simulate::Message;
use yidang_sink::Table;

use super::check::{self, CheckArguments, Source};
use super::input::Input;
use crate::command::demo::broker::DemoBroker;
use crate::command::demo::folder::FreshFolder;
use crate::command::demo::mix::{FRAMING_BYTES, PARTITION_BYTES_MAX};
use crate::command::run::new_report;
use crate::exit::{Exit, Failure};
use crate::lake::{LakeArguments, OpenedLake, catalog, open_to_write};
use crate::output;
use crate::producer::CityProducer;

#[derive(Debug, Args)]
pub struct TryArguments {
    #[command(flatten)]
    check: CheckArguments,
    /// Folder of the lake, absent or empty; ./yidang-feed-try-<start time> when not given
    #[arg(long, env = "YIDANG_TRY_LAKE", value_name = "DIR")]
    lake: Option<String>,
}

/// Everything was sent before the worker starts, so that it has nothing to wait for once it has read it.
const IDLE: Duration = Duration::from_secs(1);

pub async fn run(arguments: &TryArguments) -> Result<Exit, Failure> {
    let fresh = FreshFolder::choose(arguments.lake.as_deref(), "feed try")?;
    let checked = &arguments.check;
    if checked.file.to_str() == Some("-") {
        return Err(Failure::new(Exit::Usage, "feed try reads its file twice")
            .with_next("write standard input to a file and name that"));
    }
    let catalog = catalog(&checked.schemas)?;
    let verdicts = check::run(checked)?;
    let messages = messages(checked, &catalog)?;
    let folder = fresh.claim()?;
    let opened = open_to_write(&LakeArguments {
        lake: folder.display().to_string(),
        id_key_file: None,
        schemas: checked.schemas.clone(),
    })
    .await?;
    let tables = flow(opened, messages, checked.message_bytes).await?;
    let mut filled = Vec::new();
    for table in &tables.files {
        filled.push(Filled::of(table, &catalog).await?);
    }
    let folder = folder
        .canonicalize()
        .unwrap_or(folder)
        .display()
        .to_string();
    if checked.json {
        output::print_json(&serde_json::json!({ "lake": folder, "files": filled }));
    } else {
        let language = checked.language.language();
        filled
            .iter()
            .for_each(|filled| filled.show(&folder, language));
        output::note(&next(&folder, language));
    }
    Ok(verdicts)
}

/// All messages of the file that a contract reads, no more than the broker in memory keeps.
fn messages(arguments: &CheckArguments, catalog: &Catalog) -> Result<Vec<Message>, Failure> {
    let Source {
        mut reader,
        form,
        name,
        ..
    } = check::source(arguments, catalog, &|_told_by_check| {})?;
    let mut input = Input::new(&mut *reader, form, &name);
    let (mut messages, mut bytes) = (Vec::new(), BTreeMap::<(String, i32), usize>::new());
    while let Some(sent) = input.next()? {
        if catalog.feed_of_topic(&sent.topic).is_none() {
            continue;
        }
        let message = sent.into_message(now_ms());
        let lane = bytes
            .entry((message.topic.clone(), message.partition))
            .or_default();
        *lane += message.size_bytes() + FRAMING_BYTES;
        if *lane > PARTITION_BYTES_MAX {
            let most = PARTITION_BYTES_MAX >> 20;
            let text = format!(
                "{name}: more than {most} MiB for one partition, which the broker in memory would not keep"
            );
            return Err(Failure::new(Exit::Refused, text).with_next(
                "try fewer records, or send them to a Kafka and start yidang run --brokers HOST:PORT --lake URI",
            ));
        }
        messages.push(message);
    }
    Ok(messages)
}

/// Sends the messages to a broker in memory and works until they are in the tables.
async fn flow(
    opened: OpenedLake,
    messages: Vec<Message>,
    message_bytes: usize,
) -> Result<Tables, Failure> {
    let topics = topics(&opened.catalog, &messages);
    let broker = DemoBroker::in_memory(topics, &opened.catalog, &opened.identity.lake_id)?;
    let producer = CityProducer::new(&broker.settings())?;
    for message in &messages {
        producer.send(message).await?;
    }
    producer.flush().await?;
    let mut settings = WorkerSettings::new(broker.settings());
    settings.engine.bounds.message_bytes_max = message_bytes;
    settings.until_idle = Some(IDLE);
    let (_never_stopped, stop) = watch::channel(false);
    let (lake, catalog) = (opened.lake.clone(), Arc::clone(&opened.catalog));
    let worker = Worker {
        lake: opened.lake,
        identity: opened.identity,
        catalog: opened.catalog,
        id_key: opened.id_key,
        settings,
        report: Arc::new(new_report()),
        stop,
    };
    worker.run().await?;
    let tables = Tables::open_existing(&lake, &catalog).await?;
    Ok(tables.expect("a worker that led made the tables"))
}

/// Every source topic, with as many partitions as the messages name.
fn topics(catalog: &Catalog, messages: &[Message]) -> Vec<(String, i32)> {
    let mut topics: BTreeMap<String, i32> = catalog
        .feeds
        .iter()
        .map(|feed| (feed.topic.clone(), 1))
        .collect();
    for message in messages {
        if let Some(partitions) = topics.get_mut(&message.topic) {
            *partitions = (*partitions).max(message.partition.saturating_add(1));
        }
    }
    topics.into_iter().collect()
}

/// What came into one file.
#[derive(Debug, Serialize)]
struct Filled {
    table: String,
    rows: usize,
    /// Rows that have a value, by column; columns without one are left out.
    columns: Vec<(String, usize)>,
}

impl Filled {
    async fn of(table: &Table, catalog: &Catalog) -> Result<Self, Failure> {
        let (mut rows, mut columns) = (0, Vec::<(String, usize)>::new());
        let mut batches = table.live_rows(None, None)?;
        while let Some(live) = batches.try_next().await? {
            let batch = live.batch;
            rows += batch.num_rows();
            for (place, (field, column)) in batch
                .schema()
                .fields()
                .iter()
                .zip(batch.columns())
                .enumerate()
            {
                if columns.len() <= place {
                    columns.push((field.name().clone(), 0));
                }
                if let Some((_, filled)) = columns.get_mut(place) {
                    *filled += with_a_value(column);
                }
            }
        }
        let told = told_by_agencies(catalog, table.name());
        columns.retain(|(name, filled)| *filled > 0 && told.contains(&name.as_str()));
        Ok(Self {
            table: table.name().to_owned(),
            rows,
            columns,
        })
    }

    fn show(&self, folder: &str, language: Language) {
        let Self {
            table,
            rows,
            columns,
        } = self;
        let names = columns
            .iter()
            .map(|(name, filled)| format!("{name} {filled}"));
        let names = names.collect::<Vec<_>>().join(", ");
        output::print(&match language {
            Language::Chinese => format!("{folder}/{table}：{rows} 行"),
            Language::English => format!("{folder}/{table}: {rows} rows"),
        });
        if !columns.is_empty() {
            output::print(&match language {
                Language::Chinese => format!("  各列有值的行数：{names}"),
                Language::English => format!("  rows with a value, by column: {names}"),
            });
        }
    }
}

/// Columns of a file that the platform does not fill by itself.
fn told_by_agencies<'c>(catalog: &'c Catalog, table: &str) -> Vec<&'c str> {
    let mut dossiers = catalog.dossiers.iter();
    let dossier = dossiers.find(|dossier| dossier.table == table);
    let columns = dossier.into_iter().flat_map(|dossier| &dossier.columns);
    columns
        .filter(|column| !matches!(column.shape, Shape::Platform(_)))
        .map(|column| column.name.as_str())
        .collect()
}

/// Rows with a value; an empty list is none.
fn with_a_value(column: &dyn Array) -> usize {
    match column.as_list_opt::<i32>() {
        Some(lists) => lists
            .iter()
            .flatten()
            .filter(|list| !list.is_empty())
            .count(),
        None => column.len() - column.null_count(),
    }
}

fn next(folder: &str, language: Language) -> String {
    let commands = format!(
        "  yidang explain person --lake '{folder}' -\n  yidang issue list --open --lake '{folder}'\n  \
         python3 -c \"import polars; print(polars.read_delta('{folder}/person_file'))\"   # pip install polars deltalake"
    );
    match language {
        Language::Chinese => format!("查看数据（explain 从标准输入读取证件号码）：\n{commands}"),
        Language::English => {
            format!("look into it (explain reads an identifier from standard input):\n{commands}")
        }
    }
}
