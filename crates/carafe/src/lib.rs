//! Carafe: a small web framework in the shape of Flask.

pub mod routing;
