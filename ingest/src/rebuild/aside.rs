//! Putting the folder of a table out of the way: copied object by object, then removed, so that a rebuild that is
//! interrupted loses nothing and can be started again.

use yidang_schemas::fault::Fault;
use yidang_sink::Lake;

/// Moves every object of a table to `_yidang/aside/<table>-<version>`; gives that folder, nothing for an absent table.
pub(super) async fn move_aside(lake: &Lake, table: &str) -> Result<Option<String>, Fault> {
    let listed = lake.list(table).await?;
    let prefix = format!("{table}/");
    let objects: Vec<&str> = listed
        .iter()
        .map(|object| object.path.as_str())
        .filter(|path| path.starts_with(&prefix))
        .collect();
    if objects.is_empty() {
        return Ok(None);
    }
    let folder = free_folder(
        lake,
        &format!("_yidang/aside/{table}-{}", last_version(&objects)),
    )
    .await?;
    for path in &objects {
        let rest = path.strip_prefix(&prefix).unwrap_or(path);
        if let Some(bytes) = lake.get(path).await? {
            lake.put(&format!("{folder}/{rest}"), bytes).await?;
        }
    }
    for path in &objects {
        lake.delete(path).await?;
    }
    Ok(Some(folder))
}

/// Greatest version among the entries of the log.
fn last_version(objects: &[&str]) -> i64 {
    let number = |path: &&str| {
        let file = path.split("/_delta_log/").nth(1)?;
        file.strip_suffix(".json")?.parse::<i64>().ok()
    };
    objects.iter().filter_map(number).max().unwrap_or(0)
}

/// The folder, or the first of its name with a number where an earlier rebuild used it.
async fn free_folder(lake: &Lake, wanted: &str) -> Result<String, Fault> {
    let mut folder = wanted.to_owned();
    let mut number = 1;
    while !lake.list(&folder).await?.is_empty() {
        number += 1;
        folder = format!("{wanted}-{number}");
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_last_entry_and_not_of_a_checkpoint() {
        let objects = [
            "t/_delta_log/00000000000000000002.json",
            "t/_delta_log/00000000000000000010.json",
            "t/_delta_log/00000000000000000100.checkpoint.parquet",
            "t/1-2-00000000.parquet",
        ];
        assert_eq!(last_version(&objects), 10);
        assert_eq!(last_version(&objects[3..]), 0);
    }
}
