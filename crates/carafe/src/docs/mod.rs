//! The guide: one page a subject, in the order a newcomer meets them.
//!
//! 1. [Quickstart](quickstart): an app of fifteen lines, run and tested
//! 2. [Routing](routing): rules, converters, slashes, methods, `url_for!`
//! 3. [Requests](requests): query, forms, files, JSON, headers, cookies, limits
//! 4. [Responses](responses): text, JSON, redirects, files, streams, events, websockets
//! 5. [Templates](templates): `render!`, inheritance, filters, what a template sees
//! 6. [Sessions](sessions): what an app remembers of a visitor, and flashed messages
//! 7. [Blueprints](blueprints): an app in parts
//! 8. [Hooks](hooks): before and after a request, `g`, signals, and the order of it all
//! 9. [Errors](errors): `abort`, error handlers, the default page
//! 10. [Configuration](config): every key, and the places that keys come from
//! 11. [Testing](testing): the test client
//! 12. [Extensions](extensions): one, built step by step
//! 13. [Command line](command_line): the app's own commands
//! 14. [Run or debug?](run_or_debug): what a debugger is, and what each way costs
//!     ([한국어](run_or_debug_ko))
//! 15. [Debugging](debugging): breakpoints, values and requests, on a page in the browser
//! 16. [Editors](editors): F5 and Ctrl+F5 in VS Code, and the debugger in other editors
//! 17. [Which address?](which_address): who can reach an app, and by which `--host`
//!     ([한국어](which_address_ko))
//! 18. [Which port?](which_port): what a port is, and what to do when it is taken or refused
//!     ([한국어](which_port_ko))
//! 19. [Deployment](deployment): one binary, its secret key, its log
//! 20. [Deploying, step by step](deploying): systemd, nginx, Apache, Caddy, Docker: what to type
//! 21. [Behind a proxy](behind_a_proxy): nginx and its kin in front, and whom to believe
//! 22. [Restarts without downtime](restarts): a new release while the app is used
//! 23. [It cannot be reached](cannot_reach_it): `carafe doctor`, and how to read it
//! 24. [Coming from Flask](coming_from_flask): every habit, and each difference with its reason
//!
//! Every example on these pages is run by the tests of this crate.

macro_rules! pages {
    ($($page:ident)*) => {$(
        #[doc = include_str!(concat!(stringify!($page), ".md"))]
        pub mod $page {}
    )*};
}

pages! {
    quickstart routing requests responses templates sessions blueprints hooks errors config
    testing extensions command_line run_or_debug debugging editors which_address which_port deployment deploying behind_a_proxy
    restarts cannot_reach_it
}

#[doc = include_str!("run_or_debug.ko.md")]
pub mod run_or_debug_ko {}

#[doc = include_str!("which_address.ko.md")]
pub mod which_address_ko {}

#[doc = include_str!("which_port.ko.md")]
pub mod which_port_ko {}

#[doc = include_str!("coming_from_flask.md")]
// The list that the comparison with Flask is held against.
#[doc = include_str!("../../tests/flask_twin/DIFFERENCES.md")]
pub mod coming_from_flask {}

/// The app on the workspace's front pages runs, too.
#[cfg(doctest)]
mod readme {
    #[doc = include_str!("../../../../README.md")]
    mod english {}
    #[doc = include_str!("../../../../README.ko.md")]
    mod korean {}
}
