use super::*;

mod broken;
mod columns;
mod embedded;
mod foreign;
mod profile;
mod rules;
mod samples;
mod standard;

/// The embedded catalog; a failure shows every problem as a user would see it.
fn embedded() -> Catalog {
    Catalog::embedded().unwrap_or_else(|problems| {
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        panic!("{} problems\n{}", told.len(), told.join("\n"))
    })
}
