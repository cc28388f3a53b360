//! Parts as processes: starting one, reading its figures, showing them; and the sender, the part that is not measured.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use yidang_simulate::{City, CitySettings};

use super::BenchArguments;
use crate::command::demo::broker::DemoBroker;
use crate::command::demo::city_end_ms;
use crate::exit::{Exit, Failure};
use crate::producer::CityProducer;
use crate::{key, output};

/// Fills the topics.
pub async fn produce(
    arguments: &BenchArguments,
    brokers: &str,
    lake: &Path,
) -> Result<Value, Failure> {
    let broker = DemoBroker::real(brokers).await?;
    let mut settings = CitySettings::new(
        arguments.seed,
        arguments.records,
        arguments.end_ms.unwrap_or_else(city_end_ms),
    );
    settings.subjects = Some(arguments.subjects);
    settings.id_key = Some(key::read_bytes(&lake.join("_yidang").join("id.key"))?);
    let city = City::new(settings);
    let mut bytes = 0_u64;
    let messages = city
        .messages()
        .inspect(|message| bytes += message.size_bytes() as u64);
    CityProducer::new(&broker.settings())?
        .send_all(messages, None, &indicatif::ProgressBar::hidden())
        .await?;
    Ok(json!({"messages": city.message_count(), "records": city.record_count(), "bytes": bytes}))
}

/// Runs a part in a process of its own; gives its figures.
pub async fn in_a_process(
    part: &str,
    arguments: &BenchArguments,
    brokers: &str,
    lake: &Path,
    end_ms: i64,
) -> Result<Value, Failure> {
    let failed = |why: String| Failure::new(Exit::Unreachable, format!("measure {part}: {why}"));
    let program = std::env::current_exe().map_err(|error| failed(error.to_string()))?;
    let mut command = Command::new(program);
    command
        .args(["bench", "--part", part, "--brokers", brokers])
        .arg("--lake")
        .arg(lake);
    command.args([
        "--records",
        &arguments.records.to_string(),
        "--subjects",
        &arguments.subjects.to_string(),
    ]);
    command.args([
        "--seed",
        &arguments.seed.to_string(),
        "--end-ms",
        &end_ms.to_string(),
    ]);
    let tables: Vec<String> = super::table_sizes(arguments)
        .iter()
        .map(ToString::to_string)
        .collect();
    command.args(["--tables", &tables.join(",")]);
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let ran = tokio::task::spawn_blocking(move || command.output()).await;
    let ran = ran
        .expect("waiting for a process does not panic")
        .map_err(|error| failed(error.to_string()))?;
    let line = String::from_utf8_lossy(&ran.stdout);
    match (ran.status.success(), serde_json::from_str(line.trim())) {
        (true, Ok(figures)) => Ok(figures),
        _ => Err(failed(format!("its process ended with {}", ran.status))),
    }
}

/// Figures as lines, each with its path.
pub fn show(name: &str, figures: &Value) {
    match figures {
        Value::Object(parts) => parts
            .iter()
            .for_each(|(part, value)| show(&format!("{name} {part}"), value)),
        Value::Array(elements) => {
            elements
                .iter()
                .enumerate()
                .for_each(|(place, value)| show(&format!("{name} {}", place + 1), value));
        }
        Value::String(text) => output::print(&format!("{name}: {text}")),
        other => output::print(&format!("{name}: {other}")),
    }
}
