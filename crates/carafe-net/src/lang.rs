//! [`Lang`]: the languages in which addresses and ports are explained.

/// The language of what is told about addresses and ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lang {
    /// English.
    #[default]
    English,
    /// Korean.
    Korean,
}

impl Lang {
    /// The language of a tag or a locale such as `ko`, `ko-KR` or `ko_KR.UTF-8`; `None` for others.
    ///
    /// ```
    /// use carafe_net::Lang;
    ///
    /// assert_eq!(Lang::parse("ko_KR.UTF-8"), Some(Lang::Korean));
    /// assert_eq!(Lang::parse("C"), Some(Lang::English));
    /// assert_eq!(Lang::parse("fr"), None);
    /// ```
    pub fn parse(tag: &str) -> Option<Lang> {
        let language = tag.split(['_', '-', '.', '@']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Lang::English),
            "ko" => Some(Lang::Korean),
            _ => None,
        }
    }

    /// The system's language, from the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    /// English for a language that has no translation.
    pub fn of_system(variable: impl Fn(&str) -> Option<String>) -> Lang {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set);
        locale.and_then(|locale| Lang::parse(&locale)).unwrap_or_default()
    }

    /// What stands in this language.
    pub fn pick<T>(self, english: T, korean: T) -> T {
        match self {
            Lang::English => english,
            Lang::Korean => korean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let of = |set: &'static [(&'static str, &'static str)]| {
            Lang::of_system(|name| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), Lang::English);
        assert_eq!(of(&[("LANG", "ko_KR.UTF-8")]), Lang::Korean);
        assert_eq!(of(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")]), Lang::English);
        assert_eq!(of(&[("LC_ALL", ""), ("LANG", "ko")]), Lang::Korean);
        assert_eq!(of(&[("LANG", "fr_FR.UTF-8")]), Lang::English);
    }
}
