//! Tests of issue.
