//! Judging whole records, through the contracts that the binary carries.

mod elements;
mod feeds;
mod keys;
mod samples;
