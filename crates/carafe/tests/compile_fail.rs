//! What people read when they make a mistake: one clear error, at their own token. Review the
//! `.stderr` files in `tests/ui` as prose; `TRYBUILD=overwrite` writes them anew.

#[test]
fn mistakes_are_explained() {
    // The compiler's own words are part of the snapshots, and they change between its versions.
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
