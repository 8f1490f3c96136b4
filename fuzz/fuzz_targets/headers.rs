//! Every parser of a header's value meets the same bytes; none may panic or take long.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| carafe::http::values::fuzz::every_parser(bytes));
