//! The attributes and macros of Carafe.
