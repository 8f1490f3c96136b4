//! What may be allocated: nothing to find a rule, and not more than ten times for a plain request.
//! Counted, not timed, so that a busy machine gives the same answer.

use bench::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Measures every case's first contender, which is Carafe; counting is the process's, so that this
/// file can have one test only.
#[test]
fn allocations_stay_within_their_budget() {
    for mut case in bench::routing::cases() {
        // Not a match: its answer lists methods.
        if case.name.ends_with("405") {
            continue;
        }
        let found = case.contenders[0].allocations();
        assert!(found == 0.0, "{}: {found} allocations", case.name);
    }
    for mut case in bench::dispatch::cases() {
        let Some((_, at_most)) = BUDGETS.iter().find(|(name, _)| *name == case.name) else {
            continue;
        };
        let found = case.contenders[0].allocations();
        assert!(found <= *at_most, "{}: {found} allocations, at most {at_most}", case.name);
    }
}

/// The promise is ten for a plain routed request.
const BUDGETS: [(&str, f64); 3] =
    [("async fn, text", 10.0), ("two path parameters", 10.0), ("JSON", 10.0)];
