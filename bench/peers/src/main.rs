//! Carafe, matchit and axum in one process: `cargo xtask bench routing`, `cargo xtask bench dispatch`.

use std::hint::black_box;

use axum::body::Body;
use bench::dispatch::{JSON, PARAMETERS, PLAIN, request, runtime};
use bench::{Contender, Counting, rest};
use bench_peers::axum_app;
use http::Method;
use tower_service::Service;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let what = std::env::args().nth(1);
    let wants = |name: &str| what.as_deref().is_none_or(|what| what == name);
    if wants("routing") {
        let mut cases = bench::routing::cases();
        for (case, peer) in cases.iter_mut().zip(matchit()) {
            case.contenders.push(peer);
        }
        bench::run("Finding a rule", cases);
    }
    if wants("dispatch") {
        let mut cases = bench::dispatch::cases();
        for (name, path) in [PLAIN, PARAMETERS, JSON] {
            for case in cases.iter_mut().filter(|case| case.name == name) {
                case.contenders.push(axum(path));
            }
        }
        bench::run("A request without a socket", cases);
    }
}

/// matchit on the same rules, in the order of the cases. It knows no methods and converts nothing:
/// a look at a set of methods stands for what axum does behind it.
fn matchit() -> impl Iterator<Item = Contender> {
    bench::routing::SIZES.into_iter().flat_map(|size| {
        bench::routing::lookups(size).into_iter().map(move |lookup| {
            let mut router = matchit::Router::new();
            for rule in rest(size) {
                router.insert(rule.matchit, Method::GET).expect("the rules are written correctly");
            }
            let (method, path) = (lookup.method, lookup.path);
            Contender::of("matchit", move || {
                // The parameters borrow from the router, so they are dropped here, on the clock.
                black_box(router.at(&path)).is_ok_and(|found| *found.value == method)
            })
        })
    })
}

fn axum(path: &'static str) -> Contender {
    let (app, runtime) = (axum_app(), runtime());
    let make = move || request(path, None, Body::empty());
    // A server clones the router for each request.
    let first = runtime.block_on(app.clone().call(make()));
    assert!(first.is_ok_and(|response| response.status() == 200));
    Contender::with("axum", make, move |requests| {
        runtime.block_on(async {
            for request in requests {
                let _ = black_box(app.clone().call(request).await);
            }
        });
    })
}
