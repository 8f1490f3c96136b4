//! Finding a rule allocates nothing, counted by the allocator itself.
//!
//! An allocator is `unsafe` to write, which the workspace forbids everywhere. So this is compiled
//! only on request:
//! `RUSTFLAGS="--cfg carafe_allocations --cap-lints=warn" cargo test --test routing_allocations`.
#![allow(unexpected_cfgs, reason = "the cfg is set by hand, see above")]

#[cfg(carafe_allocations)]
mod counting {
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::Cell;

    use carafe::routing::{Map, MapSettings, Outcome, RuleSpec};
    use http::Method;

    struct Counting;

    thread_local! {
        static COUNT: Cell<usize> = const { Cell::new(0) };
    }

    // Safety: all calls go to the system's allocator unchanged; counting allocates nothing.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            COUNT.with(|count| count.set(count.get() + 1));
            unsafe { System.alloc(layout) }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    #[global_allocator]
    static ALLOCATOR: Counting = Counting;

    #[test]
    fn finding_allocates_nothing() {
        let mut map = Map::new(MapSettings::default());
        let rules = [
            "/",
            "/about",
            "/users/<int:id>",
            "/users/<int:id>/posts/<slug>",
            "/v<float:n>",
            "/<a>-<b>-<c>",
            "/files/<path:name>",
            "/u/<uuid:u>",
            "/one/<a>/<b>/<c>/<d>",
            "/slash/",
        ];
        for rule in rules {
            map.add(RuleSpec::new(rule, rule, 0)).unwrap();
        }
        let router = map.freeze();
        let check = |path: &str, found: bool| {
            let before = COUNT.get();
            let outcome = router.find("localhost", path, &Method::GET, false);
            let is_found = matches!(outcome, Outcome::Found(_));
            drop(outcome);
            assert_eq!(COUNT.get() - before, 0, "{path}");
            assert_eq!(is_found, found, "{path}");
        };
        check("/", true);
        check("/about", true);
        check("/users/42", true);
        check("/users/42/posts/hello-world", true);
        check("/v1.5", true);
        check("/a-b-c", true);
        check("/files/a/b/c", true);
        check("/u/4e71e6a2-0000-4000-8000-00000000000f", true);
        check("/one/1/2/3/4", true);
        check("/nothing/here", false);
        check("/users/abc", false);
    }
}
