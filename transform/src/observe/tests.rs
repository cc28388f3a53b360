//! Judging whole records, through the contracts that the binary carries.

mod feeds;
mod formats;
mod keys;
mod samples;
