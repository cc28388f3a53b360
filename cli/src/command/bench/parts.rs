//! Parts as processes: starting one, reading its figures, showing them; and the sender, the part that is not measured.

use std::path::Path;
use std::process::{Command, Stdio};

use indicatif::ProgressBar;
use serde_json::{Value, json};
use yidang_simulate::{City, CitySettings};
use yidang_sink::Lake;

use super::BenchArguments;
use crate::command::demo::broker::DemoBroker;
use crate::command::demo::city_end_ms;
use crate::exit::{Exit, Failure};
use crate::producer::CityProducer;
use crate::{key, output, progress};

/// Fills the topics.
pub async fn produce(
    arguments: &BenchArguments,
    brokers: &str,
    lake: &Lake,
) -> Result<Value, Failure> {
    let broker = DemoBroker::real(brokers).await?;
    let mut settings = CitySettings::new(
        arguments.seed,
        arguments.records,
        arguments.end_ms.unwrap_or_else(city_end_ms),
    );
    settings.subjects = Some(arguments.subjects);
    settings.id_key = Some(key::existing_bytes(lake, None)?);
    let city = City::new(settings);
    let mut bytes = 0_u64;
    let messages = city
        .messages()
        .inspect(|message| bytes += message.size_bytes() as u64);
    CityProducer::new(&broker.settings())?
        .send_all(messages, None, &ProgressBar::hidden())
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
    let tables: Vec<String> = arguments.tables.iter().map(ToString::to_string).collect();
    command.args(["--tables", &tables.join(",")]);
    if let Some(schemas) = &arguments.schemas.schemas {
        command.arg("--schemas").arg(schemas);
    }
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let progress = progress::spinner(&format!("measuring {part}"));
    let ran = tokio::task::spawn_blocking(move || command.output()).await;
    progress.finish_and_clear();
    let ran = ran
        .expect("waiting for a process does not panic")
        .map_err(|error| failed(error.to_string()))?;
    let line = String::from_utf8_lossy(&ran.stdout);
    match (ran.status.success(), serde_json::from_str(line.trim())) {
        (true, Ok(figures)) => Ok(with_threads_listed(figures)),
        _ => Err(failed(format!("its process ended with {}", ran.status))),
    }
}

/// Threads have names that others gave them: they are values of the figures and no keys.
fn with_threads_listed(mut figures: Value) -> Value {
    let Some(by_thread) = figures.get_mut("cpu_microseconds_per_record_by_thread") else {
        return figures;
    };
    if let Value::Object(threads) = by_thread.take() {
        let listed = threads.into_iter().map(
            |(thread, figure)| json!({"thread": thread, "cpu_microseconds_per_record": figure}),
        );
        *by_thread = listed.collect();
    }
    figures
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_threads_are_no_keys() {
        let measured = json!({"cpu_microseconds_per_record_by_thread": {"tokio-rt-worker": 2.5}, "records": 1});
        let listed = json!([{"thread": "tokio-rt-worker", "cpu_microseconds_per_record": 2.5}]);
        let figures = with_threads_listed(measured);
        assert_eq!(figures["cpu_microseconds_per_record_by_thread"], listed);
        assert_eq!(figures["records"], 1);
        assert_eq!(with_threads_listed(json!([])), json!([]));
    }
}
