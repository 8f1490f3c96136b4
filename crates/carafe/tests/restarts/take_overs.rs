//! Many take-overs under load.

use crate::app::App;
use crate::load::{Load, Outcome, Place};

/// Looks at what came of a load.
#[track_caller]
pub(crate) fn check(outcome: &Outcome) {
    let Outcome { answers, goodbyes, failures, took } = outcome;
    let rate = *answers as f64 / took.as_secs_f64();
    eprintln!("{answers} answers in {took:?}, {rate:.0} a second, {goodbyes} goodbyes");
    assert!(failures.is_empty(), "{} failures: {:#?}", failures.len(), &failures[..failures.len().min(20)]);
}

#[test]
fn twenty_take_overs_lose_nothing() {
    let mut app = App::start(&["workers=2"]);
    let load = Load::start(&Place::Tcp(app.address));
    load.wait_for(500);
    let mut pids = vec![app.pid];
    for round in 0..20 {
        match round % 2 {
            0 => app.restart(),
            _ => {
                let second = app.take_over(|_| {});
                app.wait_for_successor();
                assert_eq!(app.pid, second);
            }
        }
        assert!(!pids.contains(&app.pid));
        pids.push(app.pid);
        load.wait_for(2500);
    }
    let outcome = load.finish();
    check(&outcome);
    assert!(outcome.answers >= 50_000, "{} answers", outcome.answers);
    let least = 1000 * usize::try_from(outcome.took.as_secs()).unwrap();
    assert!(outcome.answers >= least, "{} answers in {:?}", outcome.answers, outcome.took);
    assert_eq!(app.serving(), app.pid);
}
