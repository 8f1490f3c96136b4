//! Which names an app can have: those that cargo takes for a package with a program.

use carafe_net::Lang;

/// Words that Rust keeps for itself.
const KEYWORDS: &[&str] = &[
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "_",
];
/// Crates that every program has, and folders that cargo makes beside a program.
const TAKEN: &[&str] = &[
    "alloc",
    "core",
    "proc-macro",
    "proc_macro",
    "std",
    "test",
    "build",
    "deps",
    "examples",
    "incremental",
];
/// What the app depends on.
const DEPENDENCIES: &[&str] = &["carafe", "serde"];
/// Names that Windows keeps for devices, in any case.
const DEVICES: &[&str] = &[
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

/// Why a name is no name for an app.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Empty,
    Path,
    Start(char),
    Letter(char),
    Keyword,
    Taken,
    Dependency,
    Device,
}

/// # Errors
/// When cargo would not take the name, in words and with one that it would take.
pub(super) fn check(name: &str, lang: Lang) -> Result<(), String> {
    let Some(fault) = fault(name) else { return Ok(()) };
    let why = match lang {
        Lang::Korean => korean(fault),
        _ => english(fault),
    };
    Err(match lang {
        Lang::Korean => {
            format!(
                "`{name}`은(는) 앱 이름으로 쓸 수 없습니다: {why}\n\nhint: {}",
                hint(name, fault, lang)
            )
        }
        _ => {
            format!("`{name}` cannot be an app's name: {why}\n\nhint: {}", hint(name, fault, lang))
        }
    })
}

fn fault(name: &str) -> Option<Fault> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let first = name.chars().next();
    if name.contains(['/', '\\']) {
        return Some(Fault::Path);
    }
    if let Some(c) = name.chars().find(|c| !is_letter(*c)) {
        return Some(Fault::Letter(c));
    }
    match first {
        None => return Some(Fault::Empty),
        Some(c) if c.is_ascii_digit() || c == '-' => return Some(Fault::Start(c)),
        Some(_) => {}
    }
    let lower = name.to_ascii_lowercase();
    let lists = [
        (KEYWORDS, name, Fault::Keyword),
        (TAKEN, name, Fault::Taken),
        (DEPENDENCIES, name, Fault::Dependency),
        (DEVICES, &lower, Fault::Device),
    ];
    lists.into_iter().find(|(list, name, _)| list.contains(name)).map(|(_, _, fault)| fault)
}

fn english(fault: Fault) -> String {
    match fault {
        Fault::Empty => "it is empty".to_owned(),
        Fault::Path => "it is a path".to_owned(),
        Fault::Start(c) => format!("it begins with `{c}`, not with a letter"),
        Fault::Letter(c) => {
            format!("`{}` is none of a to z, 0 to 9, `-` and `_`", c.escape_debug())
        }
        Fault::Keyword => "it is a word of Rust's own".to_owned(),
        Fault::Taken => "every Rust program has something of this name".to_owned(),
        Fault::Dependency => "the app depends on a crate of this name".to_owned(),
        Fault::Device => "on Windows no file can have it".to_owned(),
    }
}

fn korean(fault: Fault) -> String {
    match fault {
        Fault::Empty => "비어 있습니다".to_owned(),
        Fault::Path => "경로입니다".to_owned(),
        Fault::Start(c) => format!("글자가 아닌 `{c}`(으)로 시작합니다"),
        Fault::Letter(c) => {
            format!("`{}`은(는) a-z, 0-9, `-`, `_` 중 하나가 아닙니다", c.escape_debug())
        }
        Fault::Keyword => "Rust의 예약어입니다".to_owned(),
        Fault::Taken => "모든 Rust 프로그램이 이미 쓰는 이름입니다".to_owned(),
        Fault::Dependency => "앱이 의존하는 크레이트의 이름입니다".to_owned(),
        Fault::Device => "Windows에서 파일 이름이 될 수 없습니다".to_owned(),
    }
}

fn hint(name: &str, fault: Fault, lang: Lang) -> String {
    let better = better(name);
    match (fault, lang) {
        (Fault::Path, Lang::Korean) => {
            format!("폴더는 따로 적습니다: `carafe new {better} --path {name}`")
        }
        (Fault::Path, _) => {
            format!("the folder is told apart: `carafe new {better} --path {name}`")
        }
        (_, Lang::Korean) => format!("예를 들어 `carafe new {better}`"),
        (..) => format!("for example `carafe new {better}`"),
    }
}

/// A name like this one that can be had.
fn better(name: &str) -> String {
    let name = name.trim_end_matches(['/', '\\']);
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let words: Vec<&str> = last
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join("-");
    match fault(&joined) {
        None => joined,
        Some(Fault::Empty) => "my-app".to_owned(),
        Some(Fault::Start(_)) => format!("app-{joined}"),
        Some(_) => format!("{}-app", joined.trim_matches('_')).trim_start_matches('-').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_cargo_takes() {
        for name in ["shop", "my-app", "my_app2", "Shop", "notes", "app", "_x"] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn refuses_the_rest_in_words() {
        let check = |name: &str, expected: &str| {
            assert_eq!(check(name, Lang::English).unwrap_err(), expected);
        };
        check(
            "",
            "`` cannot be an app's name: it is empty\n\nhint: for example `carafe new my-app`",
        );
        check(
            "7up",
            "`7up` cannot be an app's name: it begins with `7`, not with a letter\n\nhint: for example `carafe new app-7up`",
        );
        check(
            "my shop",
            "`my shop` cannot be an app's name: ` ` is none of a to z, 0 to 9, `-` and `_`\n\nhint: for example `carafe new my-shop`",
        );
        check(
            "게시판",
            "`게시판` cannot be an app's name: `게` is none of a to z, 0 to 9, `-` and `_`\n\nhint: for example `carafe new my-app`",
        );
        check(
            "match",
            "`match` cannot be an app's name: it is a word of Rust's own\n\nhint: for example `carafe new match-app`",
        );
        check(
            "apps/shop",
            "`apps/shop` cannot be an app's name: it is a path\n\nhint: the folder is told apart: `carafe new shop --path apps/shop`",
        );
        check(
            "carafe",
            "`carafe` cannot be an app's name: the app depends on a crate of this name\n\nhint: for example `carafe new carafe-app`",
        );
        check(
            "test",
            "`test` cannot be an app's name: every Rust program has something of this name\n\nhint: for example `carafe new test-app`",
        );
        check(
            "NUL",
            "`NUL` cannot be an app's name: on Windows no file can have it\n\nhint: for example `carafe new NUL-app`",
        );
    }

    #[test]
    fn what_it_proposes_can_be_had() {
        for name in ["", "..", "-", "_", "1", "self", "a b c", "-x", "x/", "con", "한글 shop"] {
            assert_eq!(fault(&better(name)), None, "{name} -> {}", better(name));
        }
    }
}
