//! What rustc says of a program, as it goes to terminals and browsers.

use serde_json::{Value, json};

/// One message of the compiler, or of whoever else kept the app from running.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// `error` or `warning`.
    pub(crate) level: String,
    pub(crate) message: String,
    /// As rustc prints it, with its colours as terminals have them.
    pub(crate) rendered: String,
    /// The file and where it is meant, counted from 1.
    pub(crate) place: Option<(String, u32, u32)>,
}

impl Diagnostic {
    /// Reads the `message` of a `compiler-message`.
    pub(crate) fn read(message: &Value) -> Option<Diagnostic> {
        let text = |key: &str| message[key].as_str().map(str::to_owned);
        let level = match message["level"].as_str()? {
            level if level.starts_with("error") => "error",
            level => level,
        };
        let spans = message["spans"].as_array();
        let span = spans.into_iter().flatten().find(|span| span["is_primary"] == true);
        let place = span.and_then(|span| {
            // A mistake in what a macro wrote is shown where the macro is called.
            let span = outermost(span);
            let number = |key: &str| span[key].as_u64().and_then(|number| number.try_into().ok());
            Some((
                span["file_name"].as_str()?.to_owned(),
                number("line_start")?,
                number("column_start")?,
            ))
        });
        Some(Diagnostic {
            level: level.to_owned(),
            message: text("message")?,
            rendered: text("rendered")?,
            place,
        })
    }

    /// Whether it keeps the program from being built.
    pub(crate) fn is_error(&self) -> bool {
        self.level == "error"
    }

    /// As the channel has it.
    pub(crate) fn to_json(&self) -> Value {
        let (file, line, column) = match &self.place {
            Some((file, line, column)) => (Some(file), Some(line), Some(column)),
            None => (None, None, None),
        };
        json!({
            "level": self.level, "message": self.message, "rendered": plain(&self.rendered),
            "file": file, "line": line, "column": column,
        })
    }
}

/// The place of the outermost macro call in the app's own files.
fn outermost(span: &Value) -> &Value {
    let mut span = span;
    while let Some(outer) = span["expansion"]["span"].as_object() {
        let is_own = outer
            .get("file_name")
            .and_then(Value::as_str)
            .is_some_and(|name| !name.starts_with('/'));
        if !is_own {
            break;
        }
        span = &span["expansion"]["span"];
    }
    span
}

/// Text without a terminal's colours.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            // A control sequence (ECMA-48): `ESC [`, parameters, and a final byte from `@` to `~`.
            '\u{1b}' => {
                if rest.next() == Some('[') {
                    let _ = rest.find(|c| ('@'..='~').contains(c));
                }
            }
            '\n' | '\t' => plain.push(c),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_rustc_says() {
        let message = json!({
            "level": "error", "message": "mismatched types", "rendered": "\u{1b}[1merror\u{1b}[0m: mismatched types\n",
            "spans": [
                {"is_primary": false, "file_name": "src/a.rs", "line_start": 1, "column_start": 1},
                {"is_primary": true, "file_name": "src/main.rs", "line_start": 7, "column_start": 5},
            ],
        });
        let found = Diagnostic::read(&message).unwrap();
        assert!(found.is_error());
        assert_eq!(found.place, Some(("src/main.rs".to_owned(), 7, 5)));
        let expected = json!({
            "level": "error", "message": "mismatched types", "rendered": "error: mismatched types\n",
            "file": "src/main.rs", "line": 7, "column": 5,
        });
        assert_eq!(found.to_json(), expected);
    }

    #[test]
    fn a_macros_mistake_is_where_it_is_called() {
        let message = json!({
            "level": "error: internal compiler error", "message": "x", "rendered": "x",
            "spans": [{
                "is_primary": true, "file_name": "/cargo/registry/carafe/src/macros.rs", "line_start": 90, "column_start": 1,
                "expansion": {"span": {"file_name": "src/views.rs", "line_start": 3, "column_start": 9}},
            }],
        });
        let found = Diagnostic::read(&message).unwrap();
        assert_eq!(found.place, Some(("src/views.rs".to_owned(), 3, 9)));
        assert!(found.is_error());
    }

    #[test]
    fn colours_are_left_out() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected);
        check("\u{1b}[0m\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m: a\n\tb", "error: a\n\tb");
        check("a\u{7}b\u{1b}", "ab");
        check("\u{1b}[31", "");
    }
}
