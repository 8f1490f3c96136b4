//! Which paths a file names: in `use` trees and in the middle of code, made absolute.

use std::collections::HashMap;

use super::tokens::{Kind, Token};

/// A path as the file means it: `super`, `self` and what `use` brought in are spelt out.
/// One of this crate's own begins with `crate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

impl Named {
    /// Whether it is this path or one below it. A glob above it counts: it may bring it in.
    pub(crate) fn is_within(&self, prefix: &str) -> bool {
        let mut own = self.segments.iter();
        prefix.split("::").all(|part| match own.next() {
            Some(segment) => segment == part || segment == "*",
            None => false,
        })
    }
}

/// Names that a file's `use` lines bring in, and the whole path of each.
pub(crate) type Bindings = HashMap<String, Vec<String>>;

/// Every path that these tokens of the module at `module` name, and what its `use` lines bind.
pub(crate) fn paths(tokens: &[Token<'_>], module: &[String]) -> (Vec<Named>, Bindings) {
    let mut walk = Walk {
        tokens,
        module: module.to_vec(),
        named: Vec::new(),
        inline: Vec::new(),
        bindings: Bindings::new(),
    };
    walk.all();
    let Walk { mut named, inline, bindings, .. } = walk;
    for mut path in inline {
        if let Some(whole) = bindings.get(&path.segments[0]) {
            path.segments.splice(..1, whole.iter().cloned());
        }
        named.push(path);
    }
    named.sort_by_key(|path| path.line);
    (named, bindings)
}

/// The module that a file under `src/` is: `http/request.rs` is `http`, `request`.
pub(crate) fn module_of(file: &str) -> Vec<String> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    stem.split('/').map(str::to_owned).collect()
}

struct Walk<'a> {
    tokens: &'a [Token<'a>],
    module: Vec<String>,
    named: Vec<Named>,
    inline: Vec<Named>,
    bindings: Bindings,
}

impl Walk<'_> {
    fn is(&self, at: usize, text: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(text))
    }

    fn is_word(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word)
    }

    fn all(&mut self) {
        // The brace depth at which each `mod name {` around us was opened.
        let mut modules: Vec<usize> = Vec::new();
        let mut depth = 0_usize;
        let mut at = 0;
        while at < self.tokens.len() {
            let token = self.tokens[at];
            if token.is("mod") && self.is_word(at + 1) && self.is(at + 2, "{") {
                self.module.push(self.tokens[at + 1].text.to_owned());
                modules.push(depth);
                at += 2;
            } else if token.is("use") && !self.is(at + 1, "<") {
                at = self.tree(at + 1, &[]);
            } else if token.is("{") {
                depth += 1;
                at += 1;
            } else if token.is("}") {
                depth = depth.saturating_sub(1);
                if modules.last() == Some(&depth) {
                    modules.pop();
                    self.module.pop();
                }
                at += 1;
            } else if token.kind == Kind::Word && self.is(at + 1, "::") {
                at = self.inline_path(at);
            } else {
                at += 1;
            }
        }
    }

    /// A path in code. One behind `$` belongs to whoever calls the macro; one behind `::` is
    /// either global or the end of something like `<A as B>::c::d`.
    fn inline_path(&mut self, start: usize) -> usize {
        let mut at = start;
        let mut segments = vec![self.tokens[at].text.to_owned()];
        while self.is(at + 1, "::") && self.is_word(at + 2) {
            at += 2;
            segments.push(self.tokens[at].text.to_owned());
        }
        let behind = |text: &str| start > 0 && self.is(start - 1, text);
        let of_type = behind("::") && start > 1 && self.is(start - 2, ">");
        if !behind("$") && !of_type {
            let segments = self.absolute(segments);
            self.inline.push(Named { segments, line: self.tokens[start].line });
        }
        at + 1
    }

    /// Reads one `use` tree from `at`; gives the index of what follows it.
    fn tree(&mut self, mut at: usize, prefix: &[String]) -> usize {
        let mut path = prefix.to_vec();
        let line = self.tokens.get(at).map_or(0, |token| token.line);
        loop {
            if self.is(at, "{") {
                at += 1;
                while at < self.tokens.len() && !self.is(at, "}") {
                    at = self.tree(at, &path);
                    at += usize::from(self.is(at, ","));
                }
                return at + 1;
            }
            if self.is(at, "*") {
                path.push("*".to_owned());
                self.bring_in(path, None, line);
                return at + 1;
            }
            if self.is(at, "::") {
                at += 1;
            } else if self.is_word(at) && !self.is(at, "as") {
                path.push(self.tokens[at].text.to_owned());
                at += 1;
            } else {
                break;
            }
        }
        let mut name = None;
        if self.is(at, "as") && self.is_word(at + 1) {
            name = Some(self.tokens[at + 1].text.to_owned());
            at += 2;
        }
        if path.len() == prefix.len() {
            // Nothing was read: step over it, so that broken source cannot hold us here.
            return at + 1;
        }
        self.bring_in(path, name, line);
        at
    }

    fn bring_in(&mut self, mut path: Vec<String>, name: Option<String>, line: usize) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let segments = self.absolute(path);
        if let Some(last) = name.or_else(|| segments.last().cloned())
            && last != "*"
            && segments.len() > 1
        {
            self.bindings.insert(last, segments.clone());
        }
        self.named.push(Named { segments, line });
    }

    /// `carafe` is this crate too: `extern crate self as carafe` lets it use its own macros.
    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let mut above = self.module.clone();
        let mut rest = path.as_slice();
        match path[0].as_str() {
            "crate" | "carafe" => {
                above.clear();
                rest = &rest[1..];
            }
            "self" | "super" => {
                while let [first, tail @ ..] = rest
                    && (first == "super" || first == "self")
                {
                    if first == "super" {
                        above.pop();
                    }
                    rest = tail;
                }
            }
            _ => return path,
        }
        let mut whole = vec!["crate".to_owned()];
        whole.append(&mut above);
        whole.extend_from_slice(rest);
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn check(source: &str, want: &[&str]) {
        let module = module_of("http/request.rs");
        let (found, _) = paths(&tokens(source), &module);
        let found: Vec<String> = found.iter().map(|path| path.segments.join("::")).collect();
        assert_eq!(found, want, "{source}");
    }

    #[test]
    fn use_trees() {
        check("use crate::app::App;", &["crate::app::App"]);
        check("pub(crate) use super::body as b;", &["crate::http::body"]);
        check("use super::super::app;", &["crate::app"]);
        check("use self::x::Y;", &["crate::http::request::x::Y"]);
        check(
            "use crate::{app::{self, App}, error::*, http};",
            &["crate::app", "crate::app::App", "crate::error::*", "crate::http"],
        );
        check("use ::std::{fs, io::{self as i, Read}};", &["std::fs", "std::io", "std::io::Read"]);
        check("use carafe::app::App;", &["crate::app::App"]);
        check("use crate::{app, };", &["crate::app"]);
        check("fn a() -> impl B + use<'_> { crate::app::c() }", &["crate::app::c"]);
        check("use ;;", &[]);
    }

    #[test]
    fn paths_in_code() {
        check("fn a() { crate::app::run(); }", &["crate::app::run"]);
        check("let a = super::super::app::B::<C>::new();", &["crate::app::B"]);
        check("$crate::app::x(); <A as B>::c::d()", &[]);
        check("use std::fs; fs::read(a)", &["std::fs", "std::fs::read"]);
        check("use std::fs as f; f::read(a)", &["std::fs", "std::fs::read"]);
        check("::std::fs::read(a)", &["std::fs::read"]);
        check("// crate::app::x\n \"crate::app::y\"", &[]);
        check(
            "mod a { use super::b; mod c { } } use super::d;",
            &["crate::http::request::b", "crate::http::d"],
        );
    }

    #[test]
    fn modules() {
        let check = |file: &str, want: &str| assert_eq!(module_of(file).join("::"), want);
        check("app.rs", "app");
        check("http/mod.rs", "http");
        check("http/request.rs", "http::request");
    }

    #[test]
    fn within() {
        let check = |path: &str, prefix: &str, want: bool| {
            let segments = path.split("::").map(str::to_owned).collect();
            assert_eq!(Named { segments, line: 1 }.is_within(prefix), want, "{path} {prefix}");
        };
        check("std::fs::read", "std::fs", true);
        check("std::fs", "std::fs", true);
        check("std::net::*", "std::net::TcpListener", true);
        check("std::net::IpAddr", "std::net::TcpListener", false);
        check("std", "std::fs", false);
    }
}
