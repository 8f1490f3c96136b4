//! What a guest typed, and what is wrong with it. Only text is judged here; see `pictures` for files.

use serde::{Deserialize, Serialize};

use crate::settings::Guestbook;

/// The longest name, in characters.
const MAX_NAME: usize = 60;
/// The longest message, in characters.
const MAX_MESSAGE: usize = 2_000;

/// The text fields of the form; the template shows them again when something was wrong.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) message: String,
}

/// What is wrong, by field; shown beside each.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct Complaints {
    pub(crate) name: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) picture: Option<String>,
}

/// The limits that the template tells the browser and the guest.
#[derive(Serialize)]
pub(crate) struct Limits {
    name: usize,
    message: usize,
    picture: String,
}

impl Draft {
    /// The draft without space around its texts, and with one kind of line end: browsers send two
    /// characters for each.
    pub(crate) fn tidy(self) -> Draft {
        let words: Vec<&str> = self.name.split_whitespace().collect();
        Draft {
            name: words.join(" "),
            message: self.message.replace("\r\n", "\n").trim().to_owned(),
        }
    }

    /// What is wrong with a tidy draft.
    pub(crate) fn complaints(&self) -> Complaints {
        Complaints {
            name: complaint(&self.name, MAX_NAME, "Please tell us your name"),
            message: complaint(&self.message, MAX_MESSAGE, "Please write a few words"),
            picture: None,
        }
    }
}

impl Complaints {
    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Complaints::default()
    }
}

impl Limits {
    /// The limits in force.
    pub(crate) fn new(settings: &Guestbook) -> Limits {
        let picture = settings.max_picture_size.to_string();
        Limits { name: MAX_NAME, message: MAX_MESSAGE, picture }
    }
}

fn complaint(text: &str, most: usize, missing: &str) -> Option<String> {
    match text.chars().count() {
        0 => Some(missing.to_owned()),
        count if count > most => {
            Some(format!("At most {most} characters, please; these are {count}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_what_was_typed() {
        let long = "é".repeat(MAX_NAME);
        for (name, message, wrong) in [
            ("Ann", "Hello", ""),
            (" \t", "Hello", "name"),
            ("Ann", "\r\n", "message"),
            ("", "", "name message"),
            (&long, "Hello", ""),
            (&format!("{long}é"), "Hello", "name"),
            ("Ann", &"x".repeat(MAX_MESSAGE + 1), "message"),
        ] {
            let draft = Draft { name: name.to_owned(), message: message.to_owned() }.tidy();
            let found = draft.complaints();
            assert_eq!(found.name.is_some(), wrong.contains("name"), "{name:?}");
            assert_eq!(found.message.is_some(), wrong.contains("message"), "{message:?}");
            assert_eq!(found.is_empty(), wrong.is_empty());
        }
    }

    #[test]
    fn tidies_space() {
        let draft =
            Draft { name: " Ann \n Lee ".into(), message: "\r\none\r\n\r\ntwo \r\n".into() };
        let tidy = Draft { name: "Ann Lee".into(), message: "one\n\ntwo".into() };
        assert_eq!(draft.tidy(), tidy);
    }
}
