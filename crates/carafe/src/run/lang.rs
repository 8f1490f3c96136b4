//! The language of what is said about addresses and ports.

use carafe_net::Lang;

use crate::config::Settings;

/// `lang` of the configuration (`--lang`, `CARAFE_LANG`, `carafe.toml`), else the system's.
pub(crate) fn lang(settings: &Settings) -> Lang {
    let chosen = settings.lang.as_deref().and_then(Lang::parse);
    chosen.unwrap_or_else(|| Lang::of_system(|name| std::env::var(name).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_goes_before_the_system() {
        let check = |chosen: Option<&str>, expected: Lang| {
            let settings = Settings { lang: chosen.map(str::to_owned), ..Settings::default() };
            assert_eq!(lang(&settings), expected);
        };
        check(Some("ko"), Lang::Korean);
        check(Some("en"), Lang::English);
        check(None, Lang::of_system(|name| std::env::var(name).ok()));
    }
}
