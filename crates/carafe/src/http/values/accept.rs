//! What a client would rather have: `Accept`, `Accept-Charset`, `Accept-Encoding` and
//! `Accept-Language` (RFC 9110 section 12.5).

use super::accept_match::{Kind, Specificity, matches, primary, specificity};
use super::syntax::{MAX_LEN, header_value, parse_params, push_pair, split_list, unquote};
use crate::few;
use http::HeaderValue;
use std::fmt;

/// The members of one `Accept...` header, most specific first, then by quality.
///
/// Members with an unreadable quality are skipped. An absent header is the empty value, which
/// matches nothing, as in Werkzeug: give the default yourself with `unwrap_or`.
///
/// ```
/// use carafe::http::values::Accept;
/// let accept = Accept::media_types("text/html, application/json;q=0.9, */*;q=0.1");
/// assert_eq!(accept.best_match(&["application/json", "text/html"]), Some("text/html"));
/// assert_eq!(accept.quality("image/png"), 0.1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Accept {
    kind: Kind,
    items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq)]
struct Item {
    value: String,
    quality: f32,
}

/// An encoding nobody mentioned but everyone understands: acceptable, after all others.
const UNNAMED_IDENTITY: f32 = 0.001;

impl Accept {
    /// Reads an `Accept` header.
    pub fn media_types(header: &str) -> Self {
        Self::parse(Kind::Media, header)
    }

    /// Reads an `Accept-Charset` header.
    #[inline]
    pub fn charsets(header: &str) -> Self {
        Self::parse(Kind::Charset, header)
    }

    /// Reads an `Accept-Encoding` header. `identity` is acceptable unless it is excluded
    /// (RFC 9110 section 12.5.3).
    #[inline]
    pub fn encodings(header: &str) -> Self {
        Self::parse(Kind::Encoding, header)
    }

    /// Reads an `Accept-Language` header.
    #[inline]
    pub fn languages(header: &str) -> Self {
        Self::parse(Kind::Language, header)
    }

    fn parse(kind: Kind, header: &str) -> Self {
        let members = if header.len() <= MAX_LEN { split_list(header) } else { Vec::new() };
        let items = members.into_iter().filter_map(|member| Item::parse(&unquote(member)));
        Self::sorted(kind, items.collect())
    }

    fn sorted(kind: Kind, mut items: Vec<Item>) -> Self {
        few::sort_by(&mut items, |a, b| {
            let specific = specificity(kind, &b.value).cmp(&specificity(kind, &a.value));
            specific.then(b.quality.total_cmp(&a.quality))
        });
        Accept { kind, items }
    }

    /// How much the client wants `value`: 0 (not at all) to 1.
    pub fn quality(&self, value: &str) -> f32 {
        match self.matching(value) {
            Some(item) => item.quality,
            None if self.kind == Kind::Encoding && value.eq_ignore_ascii_case("identity") => {
                UNNAMED_IDENTITY
            }
            None => 0.0,
        }
    }

    /// Whether `value` will do. A quality of 0 excludes (RFC 9110 section 12.4.2).
    #[inline]
    pub fn accepts(&self, value: &str) -> bool {
        self.quality(value) > 0.0
    }

    /// The member the client would like best, as it was written.
    #[inline]
    pub fn best(&self) -> Option<&str> {
        self.items.first().map(|item| item.value.as_str()).filter(|best| self.accepts(best))
    }

    /// The offer the client likes best; of equals the one asked for more specifically, then the
    /// first offered. `None` when none will do.
    ///
    /// Languages also match by their primary tag, when nothing matches exactly: `en` for
    /// `en-US` and `en-US` for `en`.
    ///
    /// ```
    /// # use carafe::http::values::Accept;
    /// let accept = Accept::languages("ko-KR, en;q=0.5");
    /// assert_eq!(accept.best_match(&["en", "ko"]), Some("en"));
    /// assert_eq!(accept.best_match(&["ko", "fr"]), Some("ko"));
    /// ```
    pub fn best_match<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        let exact = self.best_exact(offers);
        if exact.is_some() || self.kind != Kind::Language {
            return exact;
        }
        self.best_by_clients_primary(offers).or_else(|| self.best_by_offers_primary(offers))
    }

    /// Whether JSON will do and is preferred over HTML: true for API clients, false for browsers
    /// and for clients that say nothing (`*/*`).
    ///
    /// ```
    /// # use carafe::http::values::Accept;
    /// assert!(Accept::media_types("application/json, text/plain, */*").prefers_json());
    /// assert!(!Accept::media_types("*/*").prefers_json());
    /// ```
    pub fn prefers_json(&self) -> bool {
        self.best_match(&["text/html", "application/json"]) == Some("application/json")
    }

    /// The members and their qualities, most specific first, then by quality.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (&str, f32)> {
        self.items.iter().map(|item| (item.value.as_str(), item.quality))
    }

    /// Whether the header was absent, empty or unreadable.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The header's value.
    #[inline]
    pub fn to_header_value(&self) -> HeaderValue {
        header_value(self.to_string())
    }

    /// Items are sorted by specificity, so the first that matches decides
    /// (RFC 9110 section 12.5.1: the most specific reference has precedence).
    fn matching(&self, value: &str) -> Option<&Item> {
        self.items.iter().find(|item| matches(self.kind, value, &item.value))
    }

    fn best_exact<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        let mut best: Option<(&'a str, f32, Specificity)> = None;
        for &offer in offers {
            let quality = self.quality(offer);
            let specific = match self.matching(offer) {
                Some(item) => specificity(self.kind, &item.value),
                None => Specificity::default(),
            };
            let better = |(_, top, top_specific)| {
                quality > top || (quality == top && specific > top_specific)
            };
            if quality > 0.0 && best.is_none_or(better) {
                best = Some((offer, quality, specific));
            }
        }
        best.map(|(offer, _, _)| offer)
    }

    /// The client said `en-US`: `en` is the next best thing.
    fn best_by_clients_primary<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        let shorten =
            |item: &Item| Item { value: primary(&item.value).to_owned(), quality: item.quality };
        // Whole tags from here on: an offered `en-GB` is not `en`. Charsets compare that way.
        let items = self.items.iter().map(shorten).collect();
        Self::sorted(Kind::Charset, items).best_exact(offers)
    }

    /// The client said `en`: an offered `en-US` will do.
    fn best_by_offers_primary<'a>(&self, offers: &[&'a str]) -> Option<&'a str> {
        let primaries: Vec<&str> = offers.iter().map(|offer| primary(offer)).collect();
        let best = self.best_exact(&primaries)?;
        offers.iter().copied().find(|offer| primary(offer) == best)
    }
}

impl Item {
    fn parse(member: &str) -> Option<Item> {
        let (main, mut params) = parse_params(member);
        let mut quality = Some(1.0);
        // Of several the last counts, as in Werkzeug.
        params.retain(|(name, param)| {
            let is_quality = name == "q";
            if is_quality {
                quality = parse_quality(param);
            }
            !is_quality
        });
        let quality = quality.filter(|_| !main.is_empty())?;
        let mut value = main.to_owned();
        for (name, param) in &params {
            value.push_str("; ");
            push_pair(&mut value, name, Some(param));
        }
        Some(Item { value, quality })
    }
}

/// RFC 9110 section 12.4.2; more digits than three are no reason to drop the member.
fn parse_quality(text: &str) -> Option<f32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let number = (is_digits(whole) && is_digits(fraction)).then(|| text.parse::<f32>().ok())??;
    (0.0..=1.0).contains(&number).then_some(number)
}

impl fmt::Display for Accept {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (value, quality)) in self.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            f.write_str(value)?;
            if quality != 1.0 {
                write!(f, ";q={quality}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values are Werkzeug's, but that `identity` needs no mention.
    #[test]
    fn best_match_as_werkzeug() {
        let media = Accept::media_types;
        let check = |accept: Accept, offers: &[&str], best: Option<&str>| {
            assert_eq!(accept.best_match(offers), best, "{accept} of {offers:?}");
        };
        check(media("text/html"), &["text/html"], Some("text/html"));
        check(media("text/*"), &["image/png", "text/csv"], Some("text/csv"));
        check(media("*/*"), &["a/b", "c/d"], Some("a/b"));
        check(media("text/html;q=0.5,*/*"), &["text/html", "a/b"], Some("a/b"));
        check(
            media("text/html, text/html;level=1"),
            &["text/html;level=1"],
            Some("text/html;level=1"),
        );
        check(media("text/html;level=1"), &["text/html"], None);
        check(
            media("text/html;level=1;q=0.5"),
            &["text/html; Level=1"],
            Some("text/html; Level=1"),
        );
        check(media("text/html;q=0"), &["text/html"], None);
        check(media("text/html;q=0, */*"), &["text/html", "a/b"], Some("a/b"));
        check(
            media("application/json, text/html"),
            &["text/html", "application/json"],
            Some("text/html"),
        );
        check(media("TEXT/HTML"), &["text/html"], Some("text/html"));
        check(media("a/b;q=2, c/d;q=x, e/f;q=.5"), &["a/b", "c/d", "e/f"], None);
        check(media("*/json, json"), &["a/json", "json"], None);
        check(media(""), &["a/b"], None);
        check(media("\"a/b"), &["a/b"], None);

        let lang = Accept::languages;
        check(lang("en-US,en;q=0.8"), &["en", "en_us"], Some("en_us"));
        check(lang("en-US"), &["en"], Some("en"));
        check(lang("en"), &["fr", "en-GB"], Some("en-GB"));
        check(lang("zh-TW, en;q=0.5"), &["zh-CN"], None);
        check(lang("*"), &["fr", "en"], Some("fr"));
        check(lang("fr;q=0"), &["fr"], None);
        check(lang("en-US, fr"), &["fr", "de"], Some("fr"));

        let coding = Accept::encodings;
        check(coding("gzip, br;q=0.9"), &["br", "gzip"], Some("gzip"));
        check(coding("gzip"), &["br", "identity"], Some("identity"));
        check(coding("*;q=0"), &["br", "identity"], None);
        check(coding("identity;q=0"), &["identity"], None);
        check(coding("*"), &["br", "identity"], Some("br"));

        check(Accept::charsets("utf8;q=0.5"), &["latin1", "UTF-8"], Some("UTF-8"));
    }

    #[test]
    fn qualities_and_order() {
        let accept = Accept::media_types("*/*;q=0.1, a/b;q=0.5, c/d, a/*;q=0.2, a/b;x=1;q=0.3");
        assert_eq!(accept.to_string(), "a/b; x=1;q=0.3,c/d,a/b;q=0.5,a/*;q=0.2,*/*;q=0.1");
        assert_eq!(accept.best(), Some("a/b; x=1"));
        let check = |value, quality| assert_eq!(accept.quality(value), quality, "{value}");
        check("a/b", 0.5);
        check("a/c", 0.2);
        check("e/f", 0.1);
        assert!(!Accept::media_types("a/b;q=0").accepts("a/b"));
        assert!(!Accept::media_types("a/b").accepts("a/c"));
    }

    #[test]
    fn json_or_html() {
        let check = |header, json| {
            assert_eq!(Accept::media_types(header).prefers_json(), json, "{header}");
        };
        check("application/json", true);
        check("application/json, text/plain, */*", true);
        check("application/json;q=0.9, text/html", false);
        check("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false);
        check("*/*", false);
        check("", false);
        check("application/json;q=0", false);
    }
}
