//! Loading and following a table: replaying its log, with the deletion vectors that are still named at its end.
//!
//! Leaves alone: vectors that a later entry replaced. They may be gone from the store already.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use roaring::RoaringBitmap;
use yidang_schemas::fault::Fault;

use super::Table;
use crate::log::actions::{Action, Descriptor};
use crate::log::{Entry, load};
use crate::state::{Seen, TableState, Vectors, vector_key};
use crate::store::Kind;
use crate::vector;

const VECTORS_AT_ONCE: usize = 16;

impl Table {
    pub(super) async fn take(&mut self, mut loaded: load::Loaded) -> Result<(), Fault> {
        let groups = loaded.entries.iter().map(|entry| &entry.actions);
        let last = last_vectors(std::iter::once(&loaded.checkpoint).chain(groups));
        let vectors = self.read_named(last).await?;
        if loaded.checkpoint_version >= 0 {
            forget_passing_vectors(&mut loaded.checkpoint, &vectors);
            self.state.absorb(
                loaded.checkpoint_version,
                loaded.checkpoint,
                &vectors,
                self.spec.is_append_only(),
            )?;
        }
        let appends_only = self.spec.is_append_only();
        let seen = apply_all(&mut self.state, loaded.entries, &vectors, appends_only);
        let seen = seen.map_err(|fault| self.with_way_out(fault))?;
        self.note_foreign(&seen);
        self.last_mark = loaded.last_mark;
        Ok(())
    }

    /// Applies a run of entries, all or none.
    pub(super) async fn apply_run(&mut self, run: Vec<Entry>) -> Result<(), Fault> {
        let Some(last_mark) = run.last().map(|entry| entry.mark) else {
            return Ok(());
        };
        let last = last_vectors(run.iter().map(|entry| &entry.actions));
        let vectors = self.read_named(last).await?;
        let mut state = self.state.clone();
        let appends_only = self.spec.is_append_only();
        let seen = apply_all(&mut state, run, &vectors, appends_only);
        let seen = seen.map_err(|fault| self.with_way_out(fault))?;
        (self.state, self.last_mark) = (state, Some(last_mark));
        self.note_foreign(&seen);
        self.unreported.extend(seen);
        Ok(())
    }

    async fn read_named(&self, descriptors: Vec<Descriptor>) -> Result<Vectors, Fault> {
        let mut by_file: BTreeMap<String, Vec<Descriptor>> = BTreeMap::new();
        let mut vectors = Vectors::new();
        for descriptor in descriptors {
            match vector::path(&descriptor)? {
                Some(path) => by_file.entry(path).or_default().push(descriptor),
                None => {
                    vectors.insert(
                        vector_key(&descriptor),
                        Arc::new(vector::read_inline(&descriptor)?),
                    );
                }
            }
        }
        let read: Vec<_> = stream::iter(by_file)
            .map(|(path, descriptors)| self.read_vector_file(path, descriptors))
            .buffered(VECTORS_AT_ONCE)
            .try_collect()
            .await?;
        vectors.extend(read.into_iter().flatten());
        Ok(vectors)
    }

    async fn read_vector_file(
        &self,
        path: String,
        descriptors: Vec<Descriptor>,
    ) -> Result<Vec<((String, Option<i32>), Arc<RoaringBitmap>)>, Fault> {
        let full = format!("{}/{path}", self.spec.name);
        let bytes = self.lake.read(Kind::Vector, &full).await?;
        let bytes = bytes.ok_or_else(|| {
            Fault::corrupt(format!("reading {full}: the deletion vectors are gone"))
        })?;
        let read = |descriptor: &Descriptor| {
            Ok((
                vector_key(descriptor),
                Arc::new(vector::read(&bytes, descriptor)?),
            ))
        };
        descriptors.iter().map(read).collect()
    }
}

fn apply_all(
    state: &mut TableState,
    run: Vec<Entry>,
    vectors: &Vectors,
    appends_only: bool,
) -> Result<Vec<Seen>, Fault> {
    let mut seen = Vec::with_capacity(run.len());
    for mut entry in run {
        forget_passing_vectors(&mut entry.actions, vectors);
        seen.push(state.apply(entry.version, entry.actions, vectors, appends_only)?);
    }
    Ok(seen)
}

/// The vectors that are still named after the last of these entries.
fn last_vectors<'a>(entries: impl Iterator<Item = &'a Vec<Action>>) -> Vec<Descriptor> {
    let mut last: BTreeMap<&str, &Descriptor> = BTreeMap::new();
    for actions in entries {
        for remove in actions.iter().filter_map(|action| action.remove.as_ref()) {
            last.remove(remove.path.as_str());
        }
        for add in actions.iter().filter_map(|action| action.add.as_ref()) {
            match &add.deletion_vector {
                Some(vector) => last.insert(&add.path, vector),
                None => last.remove(add.path.as_str()),
            };
        }
    }
    last.into_values().cloned().collect()
}

/// Vectors that a later entry replaced may be gone from the store and are not needed: such an add is taken without.
fn forget_passing_vectors(actions: &mut [Action], vectors: &Vectors) {
    for add in actions.iter_mut().filter_map(|action| action.add.as_mut()) {
        let is_known = add
            .deletion_vector
            .as_ref()
            .is_none_or(|vector| vectors.contains_key(&vector_key(vector)));
        if !is_known {
            add.deletion_vector = None;
        }
    }
}
