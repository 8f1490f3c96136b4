//! `carafe run`.
#![allow(dead_code)]
mod holding;
