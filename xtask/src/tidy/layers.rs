//! Who may import whom in `carafe`, and who may touch sockets and files.
//!
//! The table below is the one in ARCHITECTURE.md; to change a layer, change both (a test compares).

use super::imports::{Bindings, Named, module_of, paths};
use super::tokens::{Token, tokens, without_tests};
use super::{Problem, is_test_file};
use crate::workspace::TextFile;

/// Top modules, and what they may import. Modules on one line may import each other, and each
/// may import itself. `lib.rs` stands outside: it re-exports them all.
const TABLE: &[(&str, &str)] = &[
    ("prelude, docs, private, macros, run, cli, banner, log, tool", "everything"),
    (
        "testing",
        "app, blueprint, dispatch, session, flash, templates, layers, signals, dev, config, request, context, error, http, few",
    ),
    (
        "app, blueprint, dispatch, session, flash, templates, static_files, files, signals, layers, command, no_command, \
         config_extract, proxies, proxy_fix, error_page, refusal, explain, check, debugging, dev",
        "handler, extract, respond, hooks, request, context, sse, streaming, trace, masking, config, routing, error, http, few",
    ),
    (
        "handler, extract, respond, hooks, request, context, sse, streaming, trace",
        "masking, routing, error, http, few",
    ),
    ("masking", "config"),
    ("config", "error, http, few"),
    ("routing", "http, few"),
    ("server", "http, few"),
    ("error", "http"),
    ("http", "few"),
    ("few", ""),
];

/// What only some modules may name, and which: every other one leaves it to them.
const GUARDED: &[Guard] = &[
    Guard {
        what: "sockets",
        paths: &[
            "tokio::net",
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::UdpSocket",
            "std::os::unix::net",
        ],
        // In debug builds the tool is talked to over a socket of its own.
        modules: &["server", "run", "cli", "dev::channel"],
    },
    Guard {
        what: "files",
        paths: &["std::fs", "tokio::fs", "tempfile"],
        // Uploads are spooled to disk where they are parsed, and nowhere else in `extract`. A process
        // that is to be started again notes where its program is.
        modules: &[
            "static_files",
            "files",
            "templates",
            "config",
            "cli",
            "check",
            "extract::multipart",
            // A dead server's socket file is taken away where a new one is made, and nowhere else in `run`.
            "run::socket_file",
            "run::succession::origin",
            // Only in debug builds: the source on the error page, and what the system calls a thread.
            "dev",
        ],
    },
];

struct Guard {
    what: &'static str,
    paths: &'static [&'static str],
    modules: &'static [&'static str],
}

const SOURCE: &str = "crates/carafe/src/";

/// Checks every file of `carafe`'s source.
pub(crate) fn check(files: &[TextFile]) -> Vec<Problem> {
    let exports = files
        .iter()
        .find(|file| file.path == format!("{SOURCE}lib.rs"))
        .map_or_else(Bindings::new, |file| exports(&file.text));
    files
        .iter()
        .filter_map(|file| Some((file, file.path.strip_prefix(SOURCE)?)))
        .filter(|(file, inside)| {
            inside.ends_with(".rs") && *inside != "lib.rs" && !is_test_file(&file.path)
        })
        .flat_map(|(file, inside)| check_file(file, inside, &exports))
        .collect()
}

/// What `lib.rs` re-exports: the name, and the path it stands for.
fn exports(source: &str) -> Bindings {
    let all = tokens(source);
    let (_, mut bindings) = paths(&without_tests(&all), &[]);
    for path in bindings.values_mut() {
        if line_of(&path[0]).is_some() {
            path.insert(0, "crate".to_owned());
        }
    }
    bindings
}

fn check_file(file: &TextFile, inside: &str, exports: &Bindings) -> Vec<Problem> {
    let module = module_of(inside);
    let problem = |line, message| Problem { path: file.path.clone(), line, message };
    if line_of(&module[0]).is_none() {
        let message = format!("`{}` has no layer: add it to xtask/src/tidy/layers.rs", module[0]);
        return vec![problem(1, message)];
    }
    let all = tokens(&file.text);
    let code: Vec<Token<'_>> = without_tests(&all);
    let (named, _) = paths(&code, &module);
    named
        .iter()
        .filter_map(|path| {
            let message = layer_problem(&module[0], path, exports)
                .or_else(|| guard_problem(&module, path))?;
            Some(problem(path.line, message))
        })
        .collect()
}

fn layer_problem(from: &str, path: &Named, exports: &Bindings) -> Option<String> {
    let own = path.segments.strip_prefix(&["crate".to_owned()])?;
    let (first, below) = own.split_first()?;
    let to = if line_of(first).is_some() {
        first
    } else if let Some(whole) = exports.get(first) {
        // A name from the root is judged by where it lives; a stranger's crate is no layer.
        match whole.as_slice() {
            [start, to, ..] if start == "crate" && line_of(to).is_some() => to,
            _ => return None,
        }
    } else if first == "*" {
        return Some("imports everything from the root: name the module".to_owned());
    } else if !below.is_empty() && first.starts_with(char::is_lowercase) {
        return Some(format!("`{first}` has no layer: add it to xtask/src/tidy/layers.rs"));
    } else {
        // A macro, which `#[macro_export]` puts at the root whatever its layer.
        return None;
    };
    if may_import(from, to) {
        return None;
    }
    let allowed = match line_of(from).map_or("", |(_, may)| may) {
        "" => "nothing of ours",
        may => may,
    };
    Some(format!("`{from}` may not import `{to}`: {from} -> {allowed}"))
}

fn guard_problem(module: &[String], path: &Named) -> Option<String> {
    let module = module.join("::");
    let is_in = |allowed: &str| {
        module.strip_prefix(allowed).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let guard =
        GUARDED.iter().find(|guard| guard.paths.iter().any(|guarded| path.is_within(guarded)))?;
    if guard.modules.iter().any(|allowed| is_in(allowed)) {
        return None;
    }
    Some(format!(
        "`{module}` may not use {} (`{}`): only {} may",
        guard.what,
        path.segments.join("::"),
        guard.modules.join(", "),
    ))
}

fn line_of(module: &str) -> Option<(&'static str, &'static str)> {
    TABLE.iter().copied().find(|(modules, _)| modules.split(", ").any(|name| name == module))
}

fn may_import(from: &str, to: &str) -> bool {
    let Some((line, may)) = line_of(from) else {
        return false;
    };
    let lists = |list: &str| list.split(", ").any(|name| name == to);
    from == to || may == "everything" || lists(line) || lists(may)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_source(file: &str, source: &str, want: &[&str]) {
        let files = [
            TextFile {
                path: format!("{SOURCE}lib.rs"),
                text: "pub use app::App; pub use crate::error::Error; pub use bytes::Bytes;"
                    .to_owned(),
            },
            TextFile { path: format!("{SOURCE}{file}"), text: source.to_owned() },
        ];
        let found: Vec<String> = check(&files)
            .into_iter()
            .map(|problem| format!("{}: {}", problem.line, problem.message))
            .collect();
        assert_eq!(found, want, "{source}");
    }

    #[test]
    fn layers() {
        let http = "1: `http` may not import `routing`: http -> few";
        check_source("http/request.rs", "use crate::routing::Rule;", &[http]);
        check_source("http/request.rs", "use super::super::routing::Rule;", &[http]);
        check_source("http/mod.rs", "use crate::{http::{A, B}, routing::{C}};", &[http]);
        check_source("http/request.rs", "fn a() { crate::routing::b() }", &[http]);
        check_source("http/request.rs", "use super::body::Body;", &[]);
        check_source("http/request.rs", "#[cfg(test)] mod tests { use crate::app; }", &[]);
        check_source("http/request.rs", "//! [`crate::app`]\nuse http::Uri;", &[]);
        check_source("http/tests.rs", "use crate::app::App;", &[]);
        check_source(
            "routing/matcher.rs",
            "\nuse crate::error::E;",
            &["2: `routing` may not import `error`: routing -> http, few"],
        );
        check_source("handler.rs", "use crate::extract::A;", &[]);
        check_source("app.rs", "use crate::hooks::A; use crate::session::B;", &[]);
        check_source("run.rs", "use crate::{app::A, server::B, cli::C};", &[]);
        check_source(
            "app.rs",
            "use crate::server::A;",
            &[
                "1: `app` may not import `server`: app -> handler, extract, respond, hooks, request, context, \
             sse, streaming, trace, masking, config, routing, error, http, few",
            ],
        );
    }

    #[test]
    fn names_of_the_root() {
        check_source(
            "error.rs",
            "use crate::App;",
            &["1: `error` may not import `app`: error -> http"],
        );
        check_source("app.rs", "use crate::{Error, Bytes, some_macro};", &[]);
        check_source(
            "error.rs",
            "use crate::*;",
            &["1: imports everything from the root: name the module"],
        );
        check_source(
            "error.rs",
            "use super::*;",
            &["1: imports everything from the root: name the module"],
        );
    }

    #[test]
    fn unknown_modules() {
        check_source("new.rs", "", &["1: `new` has no layer: add it to xtask/src/tidy/layers.rs"]);
        check_source(
            "app.rs",
            "use crate::new::A;",
            &["1: `new` has no layer: add it to xtask/src/tidy/layers.rs"],
        );
    }

    #[test]
    fn sockets_and_files() {
        check_source("server/listener.rs", "use tokio::net::TcpListener;", &[]);
        check_source(
            "app.rs",
            "use std::net::{IpAddr, TcpListener};",
            &[
                "1: `app` may not use sockets (`std::net::TcpListener`): only server, run, cli, dev::channel may",
            ],
        );
        check_source(
            "app.rs",
            "use std::net;\nnet::TcpStream::connect(a)",
            &[
                "2: `app` may not use sockets (`std::net::TcpStream::connect`): only server, run, cli, dev::channel may",
            ],
        );
        check_source("static_files.rs", "use std::fs;", &[]);
        check_source("extract/multipart.rs", "use tempfile::tempfile;", &[]);
        check_source(
            "extract/form.rs",
            "use tokio::fs::File;",
            &[
                "1: `extract::form` may not use files (`tokio::fs::File`): only static_files, files, \
             templates, config, cli, check, extract::multipart, run::socket_file, run::succession::origin, dev may",
            ],
        );
    }

    #[test]
    fn the_table_is_whole() {
        let every = TABLE.iter().flat_map(|(modules, _)| modules.split(", "));
        let mut seen = Vec::new();
        for module in every {
            assert!(!seen.contains(&module), "`{module}` stands on two lines");
            seen.push(module);
        }
        for (_, may) in TABLE.iter().filter(|(_, may)| !matches!(*may, "" | "everything")) {
            for name in may.split(", ") {
                assert!(line_of(name).is_some(), "`{name}` has no line");
            }
        }
    }

    #[test]
    fn the_table_is_that_of_the_page() {
        let page = include_str!("../../../ARCHITECTURE.md");
        let rows: Vec<&str> = page
            .lines()
            .skip_while(|line| !line.starts_with("| modules |"))
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .collect();
        let want: Vec<String> = TABLE
            .iter()
            .map(|(modules, may)| {
                let may = if may.is_empty() { "nothing of ours" } else { may };
                format!("| {modules} | {may} |")
            })
            .collect();
        assert_eq!(rows, want);
    }

    #[test]
    fn every_module_of_the_table_is_there() {
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/carafe/src");
        for module in TABLE.iter().flat_map(|(modules, _)| modules.split(", ")) {
            let (file, folder) = (source.join(format!("{module}.rs")), source.join(module));
            assert!(file.exists() || folder.exists(), "there is no module `{module}`");
        }
    }
}
