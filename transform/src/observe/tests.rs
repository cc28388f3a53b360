//! Judging whole records, through the contracts that the binary carries.

mod elements;
mod feeds;
mod formats;
mod keys;
mod samples;
