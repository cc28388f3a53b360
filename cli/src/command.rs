//! One module per verb.

pub mod feed;
pub mod run;
