//! What the macros say in an app that has none of Carafe's features; `carafe`'s own tests have all.

// `cargo test --workspace` switches the feature on, for the guestbook; `cargo xtask test features`
// runs this without it.
#![cfg(not(feature = "commands"))]

#[test]
fn a_command_names_the_feature_that_it_needs() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
