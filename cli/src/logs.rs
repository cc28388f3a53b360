//! Structured logs on standard error, in English; `RUST_LOG` chooses what.
//!
//! Libraries below us may log what passes through them, personal values included; what they say is shut off whatever
//! `RUST_LOG` asks for.

use clap::ValueEnum;
use tracing_subscriber::filter::{EnvFilter, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Starts logging. Without `RUST_LOG` warnings and errors are shown.
pub fn start(format: LogFormat) {
    let chosen = EnvFilter::builder()
        .with_default_directive(LevelFilter::WARN.into())
        .from_env_lossy();
    // Only our own crates: others cannot promise to keep values to themselves.
    let ours = filter_fn(|metadata| metadata.target().starts_with("yidang"));
    let layer = fmt::layer().with_writer(std::io::stderr);
    let layer = match format {
        LogFormat::Text => layer.with_target(false).boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(layer.with_filter(ours))
        .with(chosen)
        .init();
}

/// A panic says where it happened and nothing else: its text may quote what it stumbled over.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        // A header whose name is no UTF-8: caught where it is read, and the sender's doing.
        if yidang_ingest::kafka::message::reads_header() {
            return;
        }
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "bug: panicked; report the place and the version");
    }));
}
