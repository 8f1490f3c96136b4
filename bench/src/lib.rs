//! What Carafe costs, measured from within one process: nanoseconds and allocations.
//!
//! The cases are made here with Carafe (and bare minijinja) as contenders; `peers/`, a workspace of
//! its own, adds other frameworks to the same cases, so that all take turns in one run.

mod allocations;
mod app;
pub mod dispatch;
mod measure;
pub mod routing;
mod rules;

pub use allocations::{Counting, allocations};
pub use app::{Issue, app};
pub use measure::{Case, Contender, Meter, run};
pub use rules::{Resource, RestRule, rest};
