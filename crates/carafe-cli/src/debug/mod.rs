//! A debugging session: between one or several clients (an editor, a page, a terminal) and one adapter.
//!
//! It absorbs what adapters do badly with Rust and adds what they do not know: what belongs to the
//! app, and what a route is. The protocol itself is in `dap`. What was found, where it is mended, and
//! the test that fails without (of `tests/dap`, where no other place is named):
//!
//! | what debuggers do | where it is mended | test |
//! |---|---|---|
//! | read `None` of `Option<String>` as `Some` of garbage | `variant_index` in `carafe_lldb.py` | `a_step_over_an_await_stays_with_its_request` |
//! | look for ever into a map that was moved away | `guard_hash_map`; 3 s in `variables` | the same; `values_that_never_come_are_told_as_such` |
//! | stop whatever a condition on `id` says | `carafe_rules.py` | `a_route_stops_in_its_handler_and_shows_values`, `hits_are_counted_..` |
//! | step over a pending `.await` into the framework, or with another request | `steps`, `expect` in `carafe_stops.py` | `a_step_over_an_await_stays_with_its_request` (20 others) |
//! | step into `Vec::deref` and the like | `steps` | `steps_stay_in_the_app_and_with_their_function` |
//! | show stale values after an `.await` | `keep.rs` of `carafe-macros`; `stale` in `carafe_stops.py` | `an_argument_stays_right_after_an_await`, `expressions_of_watches_are_rusts` |
//! | ignore `noDebug` | `plain` | `without_debugging_nothing_traces_the_program` |
//! | drop an `env` that is an object | `session/start` | `the_environment_the_entry_and_the_exit_code_are_right` |
//! | abort after `disconnect`, and at `terminate` | `session/end`, `pump` | `a_debugger_that_does_not_leave_is_made_to` |
//! | know no panic, and no answer of 5xx | `points`, `carafe_request.py` | `stops_at_a_panic_and_says_so`, `stops_where_an_answer_of_5xx_comes_up` |
//! | stop in what only makes an async handler's future | `routes`, `source` | `a_route_stops_in_its_handler_..`, `steps_stay_in_the_app_..` |
//! | call a `pause` an exception, and tell of each thread by itself | `stops` | unit tests there |
//! | evaluate no `items.len()` | `carafe_rules.py` | `expressions_of_watches_are_rusts` |
//! | show names such as `$u7b$`, and the compiler's own variables | `frames`, `types`, `variables` | unit tests there; `values_are_rusts_and_can_be_set` |
//! | show nothing for an enum (gdb) | `variables` | `an_enum_of_gdb_shows_its_variant` |
//! | stop three times on a line of `format!` | `collapse` in `carafe_stops.py` | `a_line_of_several_places_stops_once` |
//! | leave the program running when their server is killed | `guard`, `session/end` | `the_debugger_may_be_killed`, `a_killed_tool_leaves_no_program_of_its_debugger` |
//! | number `setVariable`'s answer otherwise than the protocol (lldb-dap 19) | `session/look` | `values_are_rusts_and_can_be_set` |
//!
//! Under gdb, steps over an `.await` and the scope `Request` are not there: what they need of a debugger is
//! written for lldb, which is preferred.

mod adapters;
mod advice;
mod build;
mod frames;
mod launch;
mod lldb;
mod plain;
mod points;
mod pump;
mod reload;
mod routes;
mod session;
mod source;
mod steps;
mod stops;
mod store;
mod threads;
mod types;
mod variables;

pub(crate) use self::session::{Client, Seat, Session, capabilities};
