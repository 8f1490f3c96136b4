//! Turns and medians: every round each contender of a case has one turn, so that what disturbs the
//! machine disturbs all alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::allocations;

/// Turns of each contender that are measured.
const ROUNDS: usize = 60;
/// Turns before these.
const WARM_UP: usize = 6;
/// How long a turn takes, about.
const TURN: Duration = Duration::from_millis(2);
/// Operations whose input is made at once, before the clock starts.
pub(crate) const CHUNK: u32 = 64;

/// One thing to do, and who does it.
pub struct Case {
    /// What is done, as the table says.
    pub name: String,
    /// Who does it; the first one is what the others are compared with.
    pub contenders: Vec<Contender>,
}

impl Case {
    /// A case for one contender, so far.
    pub fn new(name: impl Into<String>, contender: Contender) -> Case {
        Case { name: name.into(), contenders: vec![contender] }
    }
}

/// Does a thing so many times, on the meter.
type Run = Box<dyn FnMut(u32, &mut Meter)>;

/// Someone who can do a case's thing many times.
pub struct Contender {
    name: &'static str,
    run: Run,
}

impl Contender {
    /// Measures by itself: `run` does the thing so many times, and wraps in [`Meter::time`] what
    /// counts.
    pub fn new(name: &'static str, run: impl FnMut(u32, &mut Meter) + 'static) -> Contender {
        Contender { name, run: Box::new(run) }
    }

    /// Does a thing that needs no preparation; its result is dropped on the clock.
    pub fn of<T>(name: &'static str, mut work: impl FnMut() -> T + 'static) -> Contender {
        Contender::new(name, move |times, meter| {
            meter.time(|| {
                for _ in 0..times {
                    black_box(work());
                }
            });
        })
    }

    /// Does a thing with an input that is made off the clock.
    pub fn with<I>(
        name: &'static str,
        mut make: impl FnMut() -> I + 'static,
        mut work: impl FnMut(std::vec::IntoIter<I>) + 'static,
    ) -> Contender {
        Contender::new(name, move |times, meter| {
            for _ in 0..times.div_ceil(CHUNK) {
                let inputs: Vec<I> = (0..CHUNK).map(|_| make()).collect();
                meter.time(|| work(inputs.into_iter()));
            }
        })
    }

    /// Allocations per operation. The least of some turns, as other threads can only add to it.
    pub fn allocations(&mut self) -> f64 {
        let turns = (0..8).map(|_| {
            let mut meter = Meter { counting: true, ..Meter::default() };
            (self.run)(CHUNK, &mut meter);
            meter.allocations
        });
        turns.min().map_or(0.0, |least| least as f64 / f64::from(CHUNK))
    }

    fn turn(&mut self, times: u32) -> f64 {
        let mut meter = Meter::default();
        (self.run)(times, &mut meter);
        meter.elapsed.as_nanos() as f64 / f64::from(times)
    }
}

/// What a turn took.
#[derive(Default)]
pub struct Meter {
    counting: bool,
    elapsed: Duration,
    allocations: u64,
}

impl Meter {
    /// Takes the time of `work`, or counts its allocations.
    pub fn time(&mut self, work: impl FnOnce()) {
        if self.counting {
            self.allocations += allocations(work);
            return;
        }
        let begin = Instant::now();
        work();
        self.elapsed += begin.elapsed();
    }
}

/// Measures all contenders of all cases and prints a table.
pub fn run(title: &str, cases: Vec<Case>) {
    println!("\n{title}\n");
    println!("| case | who | median ns | least | middle half | allocations |");
    println!("|---|---|--:|--:|--:|--:|");
    for mut case in cases {
        let name = case.name.clone();
        let measured = measure(&mut case);
        for (contender, mut turns) in case.contenders.iter_mut().zip(measured) {
            let allocations = contender.allocations();
            let who = contender.name;
            turns.sort_by(f64::total_cmp);
            let at = |part: f64| turns[((turns.len() - 1) as f64 * part) as usize];
            println!(
                "| {name} | {who} | {:.0} | {:.0} | {:.0}-{:.0} | {allocations:.1} |",
                at(0.5),
                at(0.0),
                at(0.25),
                at(0.75),
            );
        }
    }
}

/// Nanoseconds per operation, of each contender in each round.
fn measure(case: &mut Case) -> Vec<Vec<f64>> {
    let times: Vec<u32> = case.contenders.iter_mut().map(times_per_turn).collect();
    let mut turns = vec![Vec::new(); case.contenders.len()];
    for round in 0..WARM_UP + ROUNDS {
        for (at, contender) in case.contenders.iter_mut().enumerate() {
            let nanoseconds = contender.turn(times[at]);
            if round >= WARM_UP {
                turns[at].push(nanoseconds);
            }
        }
    }
    turns
}

/// How many operations make a turn.
fn times_per_turn(contender: &mut Contender) -> u32 {
    contender.turn(CHUNK * 4);
    let one = contender.turn(CHUNK * 4).max(1.0);
    let times = (TURN.as_nanos() as f64 / one) as u32;
    times.div_ceil(CHUNK).max(1) * CHUNK
}
