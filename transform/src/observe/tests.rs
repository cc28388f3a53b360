//! Judging whole records, through the contracts that the binary carries.

mod samples;
