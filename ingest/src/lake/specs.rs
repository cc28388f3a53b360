//! How each table is made: columns, statistics, upkeep.
//!
//! Statistics name dates and codes only, never a personal column: they stand in the Delta log, which whoever lists a
//! table can read.

use arrow::datatypes::SchemaRef;
use yidang_schemas::catalog::Catalog;
use yidang_schemas::dossier::{Dossier, PlatformColumn, Shape};
use yidang_sink::{Deletion, TableSpec, Upkeep};
use yidang_transform::project::columns::file_schema;

use crate::tables::{landing, observation, quarantine, state};

/// Shapes of all tables of a catalog.
#[derive(Debug, Clone)]
pub struct Specs {
    pub landing: TableSpec,
    pub quarantine: TableSpec,
    pub finding: TableSpec,
    pub issue: TableSpec,
    pub issue_event: TableSpec,
    pub state: TableSpec,
    pub observations: Vec<TableSpec>,
    pub files: Vec<TableSpec>,
}

impl Specs {
    pub fn all(&self) -> impl Iterator<Item = &TableSpec> {
        let single = [
            &self.landing,
            &self.quarantine,
            &self.finding,
            &self.issue,
            &self.issue_event,
            &self.state,
        ];
        single
            .into_iter()
            .chain(&self.observations)
            .chain(&self.files)
    }
}

/// The shapes of all tables.
pub fn specs(catalog: &Catalog) -> Specs {
    Specs {
        landing: landing_spec(catalog),
        quarantine: appended(
            "quarantine",
            quarantine::schema(),
            "records in no file, and the rules that hold them",
        ),
        finding: appended(
            "finding",
            yidang_feedback::tables::finding_schema(),
            "failed rules of records",
        ),
        issue: keyed(
            "issue",
            yidang_feedback::tables::issue_schema(),
            "issue_id",
            "issues as they stand",
        ),
        issue_event: appended(
            "issue_event",
            yidang_feedback::tables::issue_event_schema(),
            "events as published",
        ),
        state: state_spec(),
        observations: catalog.dossiers.iter().map(observation_spec).collect(),
        files: catalog.dossiers.iter().map(file_spec).collect(),
    }
}

/// Value of landing's partition column for a landing instant.
pub fn partition_of(landed_at_ms: i64) -> String {
    let day = landed_at_ms.div_euclid(86_400_000);
    yidang_transform::calendar::date_of(i32::try_from(day).unwrap_or(0)).to_string()
}

fn landing_spec(catalog: &Catalog) -> TableSpec {
    let mut spec = TableSpec::new("landing", landing::schema(catalog));
    spec.partition_by = Some(landing::PARTITION.to_owned());
    spec.stats_columns = vec!["epoch".to_owned(), "landed_at".to_owned()];
    spec.durable = true;
    spec.upkeep = Upkeep::Hourly {
        sort_by: vec!["epoch".to_owned(), "ordinal".to_owned()],
    };
    "messages as received, with their outcome".clone_into(&mut spec.description);
    spec
}

fn appended(name: &str, schema: SchemaRef, description: &str) -> TableSpec {
    let mut spec = TableSpec::new(name, schema);
    spec.stats_columns = vec!["epoch".to_owned()];
    description.clone_into(&mut spec.description);
    spec
}

fn keyed(name: &str, schema: SchemaRef, key: &str, description: &str) -> TableSpec {
    let mut spec = TableSpec::new(name, schema);
    spec.deletion = Deletion::Vectors;
    spec.upkeep = Upkeep::Tiered {
        sort_by: vec![key.to_owned()],
    };
    description.clone_into(&mut spec.description);
    spec
}

fn state_spec() -> TableSpec {
    let mut spec = TableSpec::new(state::TABLE, state::schema());
    spec.upkeep = Upkeep::Latest {
        key: vec![state::ENTRY.to_owned(), state::KEY.to_owned()],
        epoch: state::EPOCH.to_owned(),
    };
    "checkpoint of the folds; not for readers".clone_into(&mut spec.description);
    spec
}

fn observation_spec(dossier: &Dossier) -> TableSpec {
    let mut spec = appended(
        &dossier.observation_table,
        observation::schema(dossier),
        "accepted records by target",
    );
    spec.stats_columns.push("business_time".to_owned());
    spec
}

fn file_spec(dossier: &Dossier) -> TableSpec {
    let key = subject_column(dossier);
    let mut spec = keyed(
        &dossier.table,
        file_schema(dossier),
        &key,
        &dossier.title_zh,
    );
    let counted = dossier
        .columns
        .iter()
        .filter(|column| column.statistics && !column.internal);
    let counted =
        counted.filter(|column| matches!(column.shape, Shape::Scalar(_) | Shape::Platform(_)));
    spec.stats_columns = counted.map(|column| column.name.clone()).collect();
    spec
}

/// Name of the column that holds the subject id.
pub fn subject_column(dossier: &Dossier) -> String {
    let subject = Shape::Platform(PlatformColumn::SubjectId);
    let found = dossier
        .columns
        .iter()
        .find(|column| column.shape == subject);
    found.map(|column| column.name.clone()).unwrap_or_default()
}
