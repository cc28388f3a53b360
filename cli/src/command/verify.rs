//! `verify`: proofs from the tables alone.

mod canonical;
mod digest;
mod reconcile;
mod truth;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure};
use crate::lake::LakeArguments;

#[derive(Debug, Args)]
pub struct VerifyArguments {
    #[command(subcommand)]
    verb: VerifyVerb,
}

#[derive(Debug, Subcommand)]
enum VerifyVerb {
    /// One number per file table: equal numbers mean equal dossiers, whatever the order of arrival
    #[command(after_help = "Example:\n  yidang verify digest --lake ./lake\n  \
person_file  version 12  1860 rows  digest 5f0c…\n\n\
Every column counts except arrival facts: topic, partition, offset and row inside provenance, record_version,\n\
first_seen_at and updated_at.")]
    Digest(DigestArguments),
    /// Prove that every message has its outcome and every table the rows that landing expects
    #[command(after_help = "Examples:\n  yidang verify reconcile --lake ./lake\n  \
yidang verify reconcile --lake ./lake --brokers 127.0.0.1:9092\n\n\
Exit code 1 on differences; each names topic, partition, offset and, where it is known, the row.\n\
With --brokers also what the broker still holds is compared: a message that no worker has landed yet is a difference.")]
    Reconcile(ReconcileArguments),
    /// Compare a lake with the city of `yidang simulate` that was streamed into it, cell by cell
    #[command(hide = true)]
    Truth(truth::TruthArguments),
}

#[derive(Debug, Args)]
struct DigestArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// One JSON object a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ReconcileArguments {
    #[command(flatten)]
    lake: LakeArguments,
    /// Also compare with what these brokers hold, `host:port`, several with commas
    #[arg(long, env = "YIDANG_BROKERS", value_name = "HOST:PORT")]
    brokers: Option<String>,
    /// Further librdkafka settings, for example security.protocol=SASL_SSL
    #[arg(
        long = "kafka",
        env = "YIDANG_KAFKA",
        value_name = "NAME=VALUE",
        value_delimiter = ','
    )]
    kafka: Vec<String>,
    /// One JSON object a difference, then one a feed
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: VerifyArguments) -> Result<Exit, Failure> {
    match arguments.verb {
        VerifyVerb::Truth(verb) => truth::run(verb).await,
        VerifyVerb::Digest(verb) => digest::run(&verb.lake, verb.json).await,
        VerifyVerb::Reconcile(verb) => {
            let broker = verb
                .brokers
                .as_deref()
                .map(|brokers| broker_settings(brokers, &verb.kafka))
                .transpose()?;
            reconcile::run(&verb.lake, broker.as_ref(), verb.json).await
        }
    }
}

fn broker_settings(
    brokers: &str,
    kafka: &[String],
) -> Result<yidang_ingest::kafka::BrokerSettings, Failure> {
    let pair = |text: &String| {
        let (name, value) = text.split_once('=')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    let extra: Option<Vec<(String, String)>> = kafka.iter().map(pair).collect();
    let extra = extra.ok_or_else(|| {
        Failure::new(Exit::Usage, "--kafka takes NAME=VALUE")
            .with_next("yidang verify reconcile --kafka security.protocol=SSL …")
    })?;
    Ok(yidang_ingest::kafka::BrokerSettings {
        brokers: brokers.to_owned(),
        extra,
    })
}
