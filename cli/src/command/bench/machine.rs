//! The machine, this binary, and what this process has used: processor time and memory.

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// The commit that this binary was built from, as the build script found it.
const COMMIT: &str = env!("YIDANG_COMMIT");

/// Processor, binary and profile.
pub fn machine() -> Value {
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(':').nth(1));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    json!({
        "cpu": model.unwrap_or("unknown").trim(),
        "cores": cores,
        "profile": if cfg!(debug_assertions) { "debug" } else { "release" },
        "version": env!("CARGO_PKG_VERSION"),
        "commit": COMMIT,
    })
}

/// Processor time of this process so far, seconds.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Memory that this process holds now, bytes.
pub fn resident_bytes() -> u64 {
    status_kibibytes("VmRSS:") * 1_024
}

/// The most that it ever held, bytes.
pub fn resident_bytes_peak() -> u64 {
    status_kibibytes("VmHWM:") * 1_024
}

fn status_kibibytes(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Processor time by name of thread, seconds, of the threads that live; one place after the point is all that is known.
pub fn cpu_seconds_by_thread() -> std::collections::BTreeMap<String, f64> {
    let mut sums = std::collections::BTreeMap::new();
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return sums;
    };
    for task in tasks.flatten() {
        let Ok(stat) = std::fs::read_to_string(task.path().join("stat")) else {
            continue;
        };
        let (Some(start), Some(end)) = (stat.find('('), stat.rfind(')')) else {
            continue;
        };
        let name = stat.get(start + 1..end).unwrap_or_default().to_owned();
        // Fields 14 and 15 of proc(5): user and system time in hundredths; after the name the third is first.
        let fields: Vec<&str> = stat
            .get(end + 1..)
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |place: usize| {
            fields
                .get(place)
                .and_then(|field| field.parse::<f64>().ok())
                .unwrap_or(0.0)
        };
        *sums.entry(name).or_insert(0.0) += (ticks(11) + ticks(12)) / 100.0;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_of_a_checkout_names_its_commit() {
        let checkout = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../.git");
        let is_commit = COMMIT.len() == 40 && COMMIT.bytes().all(|digit| digit.is_ascii_hexdigit());
        assert!(
            is_commit || !checkout.exists() && COMMIT == "unknown",
            "{COMMIT}"
        );
    }
}
