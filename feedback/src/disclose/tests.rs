//! Tests of disclose.
