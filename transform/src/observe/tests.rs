//! Judging whole records, through the contracts that the binary carries.

mod contacts;
mod elements;
mod elements_of_records;
mod feeds;
mod formats;
mod keys;
mod samples;
