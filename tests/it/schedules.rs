//! The nineteen schedules of architecture 14, each a test of its own number: every one broke an earlier design.
//!
//! Where a schedule speaks of processes it runs the product against a real broker; where it needs a crash at an exact place
//! it drives the product's own engine and tables on a folder (`lab`). Standby and paused workers have `takeover` for more.

mod bundles;
mod cuts;
mod folders;
mod folds;
mod processes;
