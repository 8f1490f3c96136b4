//! Carafe alone: `cargo bench -p bench`.

use bench::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    bench::run("Finding a rule", bench::routing::cases());
    bench::run("A request without a socket", bench::dispatch::cases());
}
