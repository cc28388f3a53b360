//! Judging whole records, through the contracts that the binary carries.

mod contacts;
mod feeds;
mod keys;
mod samples;
