//! Whole examinations of made-up machines: each cause once, and how the commonest read.

mod causes;
mod machine;
mod snapshots;
