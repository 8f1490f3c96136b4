//! Where a visitor goes after signing in: a path of this app, whatever the address says.

use carafe::Request;

/// The session's key where `use_session_for_next` is on.
pub(crate) const IN_SESSION: &str = "_login_next";
/// No address of an app needs to be longer.
const LONGEST: usize = 2048;

/// `next` when it is a path of this app, with its query; `None` for anything that a browser could read as another place.
///
/// It begins with one `/` and has neither a second one in a row, nor a backslash (which browsers read as `/`), nor anything
/// that is not visible ASCII (browsers pass over tabs and line breaks). So `//evil.example`, `/\evil.example`, `https://evil.example`
/// and `javascript:..` are all refused.
///
/// ```
/// use carafe_login::safe_next;
///
/// assert_eq!(safe_next("/notes?page=2"), Some("/notes?page=2"));
/// assert_eq!(safe_next("//evil.example"), None);
/// assert_eq!(safe_next("https://evil.example/"), None);
/// ```
pub fn safe_next(next: &str) -> Option<&str> {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let safe = next.len() <= LONGEST
        && next.starts_with('/')
        && !path.contains("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    safe.then_some(next)
}

/// Where this request came from, as `next` of the sign-in page: its path and query. None of a request that a browser does not
/// repeat by following a link.
pub(crate) fn of_request(request: &Request) -> Option<String> {
    if !matches!(request.method().as_str(), "GET" | "HEAD") {
        return None;
    }
    // As it was written: decoded and encoded again it might be another one.
    let target = request.uri().path_and_query()?.as_str();
    let next = format!("{}{target}", request.root_path());
    safe_next(&next).map(str::to_owned)
}

/// `view` with `next` in its query.
pub(crate) fn with_next(view: &str, next: &str) -> String {
    let mut url = view.to_owned();
    url.push(if view.contains('?') { '&' } else { '?' });
    url.push_str("next=");
    for byte in next.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                url.push(char::from(byte));
            }
            _ => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_app() {
        for next in
            ["/", "/a", "/a/b?c=d&e=f", "/a?url=https://x//y", "/%2F%2Fevil", "/a#b", "/~a;b=c"]
        {
            assert_eq!(safe_next(next), Some(next));
        }
        let long = format!("/{}", "a".repeat(LONGEST));
        assert!(safe_next(&long[..LONGEST]).is_some());
        for next in [
            "",
            "a",
            "?a",
            "//evil.example",
            "///evil.example",
            "////evil.example",
            "/a//evil.example",
            "/.//evil.example",
            "\\\\evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\\/evil.example",
            "/a\\evil",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            " /a",
            "/a b",
            "/a\0",
            "/a\u{7f}",
            "/a\r\nset-cookie: a=b",
            "/ä",
            "/\u{2028}",
            "\u{feff}/a",
            "https://evil.example",
            "HTTPS://evil.example",
            "https:evil.example",
            "https:/evil.example",
            "http:\\\\evil.example",
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "://evil.example",
            "evil.example",
            "@evil.example",
            long.as_str(),
        ] {
            assert_eq!(safe_next(next), None, "{next:?}");
        }
    }

    #[test]
    fn is_encoded() {
        let check = |view: &str, next: &str, url: &str| assert_eq!(with_next(view, next), url);
        check("/login", "/a?b=c&d=é", "/login?next=/a%3Fb%3Dc%26d%3D%C3%A9");
        check("/login?lang=en", "/", "/login?lang=en&next=/");
    }
}
