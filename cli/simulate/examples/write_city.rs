//! Writes a city to a folder and prints how long it took: `write_city SEED RECORDS FOLDER`.

use std::path::PathBuf;
use std::time::Instant;

use yidang_simulate::{City, CitySettings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed = arguments.next().unwrap_or_default().parse()?;
    let records = arguments.next().unwrap_or_default().parse()?;
    let folder = PathBuf::from(arguments.next().unwrap_or_default());
    let begin = Instant::now();
    let settings = CitySettings { id_key: Some([7; 32]), ..CitySettings::new(seed, records, 1_790_000_000_000) };
    let city = City::new(settings);
    let made = begin.elapsed();
    let bytes: usize = city.messages().map(|message| message.size_bytes()).sum();
    let sent = begin.elapsed();
    let truth = city.truth();
    let known = begin.elapsed();
    println!("made {made:?}, messages {:?}, truth {:?}", sent - made, known - sent);
    println!("{} records, {bytes} bytes, fullest partition {}", city.record_count(), city.largest_partition_bytes());
    println!("{} persons, {} enterprises, {} issues", truth.persons.len(), truth.enterprises.len(), truth.issues.len());
    println!("{}", serde_json::to_string_pretty(&truth.counts)?);
    if folder.is_dir() {
        city.write_files(&folder)?;
    }
    Ok(())
}
