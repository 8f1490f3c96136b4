//! What is read, what is refused and where, and whether the usual crate reads the same.

use std::sync::Arc;

use super::*;
use crate::config::show::shown;

fn source(offset: usize) -> Source {
    Source::File { path: Arc::from(std::path::Path::new("x")), line: offset, section: None }
}

/// The document as one line, or the place of its mistake.
fn read(text: &str) -> String {
    match parse(text, &source) {
        Ok(table) => shown("", &Node::new(Value::Table(table), Source::Default)),
        Err(mistake) => format!("{}: {}", mistake.offset, mistake.words),
    }
}

#[test]
fn values() {
    let check = |value: &str, wanted: &str| {
        assert_eq!(read(&format!("a = {value} # why")), format!("{{ a = {wanted} }}"), "{value}");
    };
    check("true", "true");
    check("0", "0");
    check("+1_000", "1000");
    check("-17", "-17");
    check("0xDEAD_beef", "3735928559");
    check("0o755", "493");
    check("0b1101", "13");
    check("1.0", "1.0");
    check("-2E-2", "-0.02");
    check("6.5e1_0", "65000000000.0");
    check("+inf", "inf");
    check("'C:\\a'", r#""C:\\a""#);
    check(r#""\t\"\u00e9\x41\U0001F377""#, "\"\\t\\\"éA🍷\"");
    check("\"\"\"\n a\\\n   b\"\"c\"\"\"\"\"", r#"" ab\"\"c\"\"""#);
    check("'''\na\\\n'b''''", r#""a\\\n'b'""#);
    check("[1, [2, 3,], # c\n 'x'\n]", r#"[1, [2, 3], "x"]"#);
    check("[]", "[]");
    check("{ b.c = 1, 'd e' = 2 }", "{ b = { c = 1 }, d e = 2 }");
    check("{}", "{  }");
    check("1979-05-27T07:32:00.5-07:00", "\"1979-05-27T07:32:00.5-07:00\"");
    check("1979-05-27 07:32:00z", "\"1979-05-27T07:32:00Z\"");
    check("2024-02-29", "\"2024-02-29\"");
    check("07:32:00", "\"07:32:00\"");
    check("340282366920938463463374607431768211456", "\"340282366920938463463374607431768211456\"");
}

#[test]
fn tables() {
    let check = |text: &str, wanted: &str| assert_eq!(read(text), wanted, "{text}");
    check("", "{  }");
    check("# only this", "{  }");
    check("a.b=1\r\n\r\na.'c'=2", "{ a = { b = 1, c = 2 } }");
    check("[a.b]\nx=1\n[a]\ny=2", "{ a = { b = { x = 1 }, y = 2 } }");
    check("[a]\nb.c=1\n[a.b.d]\ne=2", "{ a = { b = { c = 1, d = { e = 2 } } } }");
    check(
        "[[a]]\nx=1\n[a.b]\ny=2\n[[a]]\n[a.b]\ny=3",
        "{ a = [{ b = { y = 2 }, x = 1 }, { b = { y = 3 } }] }",
    );
    check("[ a . \"b c\" ]\nx=1", "{ a = { b c = { x = 1 } } }");
}

#[test]
fn mistakes() {
    let check = |text: &str, wanted: &str| assert_eq!(read(text), wanted, "{text}");
    check("a", "1: a key is followed by `=` and its value");
    check("a =", "3: a value is missing");
    check("a = b", "4: a text stands in quotes");
    check("a = 01", "4: this is no number; a text stands in quotes");
    check("a = 1 b = 2", "6: the line should end here");
    check("a = 'x", "4: the text is not closed");
    check("a = \"x\ny\"", "4: the text is not closed");
    check("a = \"\\q\"", "5: there is no such escape; write \\\\ for a backslash");
    check("a = [1 2]", "7: the list ends with `]`");
    check("a = {b = 1", "10: the table ends with `}`");
    check("[a", "2: the section's name ends with `]`");
    check("a = 1\na = 2", "6: this is set twice");
    check("[a]\n[a]", "5: this is set twice");
    check("[a.b]\nx=1\n[a]\nb.y=2", "14: this is set twice");
    check("a = {}\n[a.b]", "8: this is set twice");
    check("a = [{}]\n[[a]]", "11: this is set twice");
    check("= 1", "0: a key is made of letters, digits, `_` and `-`, or stands in quotes");
    check("a = \"\u{1}\"", "5: this character has to be written as an escape, such as \\u0000");
    let deep = format!("a = {}", "[".repeat(100));
    check(&deep, "68: lists and tables lie too deep in each other");
}

/// The same value, or a mistake in both.
fn is_same(own: &Value, other: &::toml::Value) -> bool {
    match (own, other) {
        (Value::Bool(own), ::toml::Value::Boolean(other)) => own == other,
        (Value::Integer(own), ::toml::Value::Integer(other)) => *own == i128::from(*other),
        (Value::Float(own), ::toml::Value::Float(other)) => own.total_cmp(other).is_eq(),
        (Value::Text(own), ::toml::Value::String(other)) => own == other,
        (Value::Text(own), ::toml::Value::Datetime(other)) => *own == other.to_string(),
        (Value::List(own), ::toml::Value::Array(other)) => {
            own.len() == other.len()
                && own.iter().zip(other).all(|(own, other)| is_same(&own.value, other))
        }
        (Value::Table(own), ::toml::Value::Table(other)) => {
            own.len() == other.len()
                && own.iter().all(|(key, node)| {
                    other.get(key).is_some_and(|other| is_same(&node.value, other))
                })
        }
        _ => false,
    }
}

/// Pieces of documents, put together by chance, are to be read as the usual crate reads them.
#[test]
fn agrees_with_the_usual_crate() {
    const PIECES: &[&str] = &[
        "a",
        "b",
        "c",
        "a.b",
        "'a'",
        "\"b\"",
        ".",
        "=",
        " = ",
        "1",
        "-1",
        "0",
        "01",
        "1.5",
        "1e3",
        ".5",
        "1_0",
        "1__0",
        "0x1f",
        "0b12",
        "true",
        "tru",
        "inf",
        "-nan",
        "'x'",
        "'''x'''",
        "\"x\\n\"",
        "\"\"\"\nx\\\n y\"\"\"",
        "'",
        "\"",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ",",
        "\n",
        "\n",
        "\n",
        "\n[a]\n",
        "\n[b]\n",
        "\n[a.b]\n",
        "\n[[a]]\n",
        "\n[[a.b]]\n",
        "\n[a.b.c]\n",
        "\na = ",
        "\nb = ",
        "\na.b = ",
        "\na.b.c = ",
        "\nb.a = ",
        "{ a = 1 }",
        "{ a.b = 1, c = 2 }",
        "[1, 2]",
        "[[1], []]",
        "# c\n",
        " ",
        "\t",
        "1979-05-27",
        "1979-05-27T07:32:00Z",
        "07:32",
        "1979-05-27 07:32:00",
        "1979-13-01",
        "é",
        "\\u00e9",
        "\\",
    ];
    let mut seed = 12_345_u64;
    let mut valid = 0;
    for _ in 0..60_000 {
        let mut document = String::new();
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        for _ in 0..(seed >> 60) {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            document.push_str(PIECES[(seed >> 33) as usize % PIECES.len()]);
        }
        let own = parse(&document, &source).ok().map(Value::Table);
        let other = document.parse::<::toml::Table>().ok().map(::toml::Value::Table);
        match (&own, &other) {
            (Some(own), Some(other)) => {
                assert!(is_same(own, other), "{document:?} is {other:?}");
                valid += 1;
            }
            _ => assert_eq!(own.is_some(), other.is_some(), "{document:?}: {}", read(&document)),
        }
    }
    assert!(valid > 3_000, "{valid}");
}
