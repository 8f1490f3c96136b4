//! One case again and again, for a profiler: `profile route /users/42`, `profile request /`.
//!
//! `valgrind --tool=callgrind target/release/examples/profile request /json`

use std::hint::black_box;

use bench::dispatch::{Carafe, request};
use carafe::Body;
use http::Method;

/// How often, unless `TIMES` says otherwise.
const TIMES: u32 = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["route", path] => {
            let router = bench::routing::router(100);
            for _ in 0..TIMES {
                black_box(router.find("localhost", black_box(path), &Method::GET, false));
            }
        }
        ["request", path] => {
            let carafe = Carafe::new(bench::app());
            for _ in 0..TIMES {
                black_box(carafe.answer(request(path, None, Body::empty())));
            }
        }
        _ => eprintln!("usage: profile route|request PATH"),
    }
}
