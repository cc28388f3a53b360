//! The order law over the real folds and projection, the model that both are held against, and what breaks it.

mod cases;
mod law;
mod members;
mod model;
mod mutants;
mod small;
mod table;
