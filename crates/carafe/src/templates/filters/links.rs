//! Which words of a text are addresses: of a page, of a mailbox, of a scheme that was asked for.

/// An address in a word of escaped text.
pub(super) enum Link<'a> {
    Page { href: String, text: &'a str },
    Mail { address: &'a str, text: &'a str },
}

/// The address in a word, with what stands before and after it.
pub(super) fn find<'a>(word: &'a str, schemes: &[String]) -> Option<(&'a str, Link<'a>, &'a str)> {
    let start = opening(word);
    let (before, rest) = word.split_at(start);
    let (middle, after) = rest.split_at(closing(rest));
    Some((before, link(middle, schemes)?, after))
}

fn link<'a>(word: &'a str, schemes: &[String]) -> Option<Link<'a>> {
    if is_page(word) {
        let has_scheme = starts_with(word, "https://") || starts_with(word, "http://");
        let href = if has_scheme { word.to_owned() } else { format!("https://{word}") };
        return Some(Link::Page { href, text: word });
    }
    if let Some(address) = word.strip_prefix("mailto:")
        && is_mailbox(address)
    {
        return Some(Link::Mail { address, text: address });
    }
    if is_mailbox(word) && !word.contains(':') {
        return Some(Link::Mail { address: word, text: word });
    }
    let known = schemes.iter().any(|scheme| word != scheme && word.starts_with(scheme.as_str()));
    known.then(|| Link::Page { href: word.to_owned(), text: word })
}

fn starts_with(word: &str, prefix: &str) -> bool {
    word.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The length of the brackets that a word begins with.
fn opening(word: &str) -> usize {
    let mut rest = word;
    while let Some(after) = ["(", "<", "&lt;"].iter().find_map(|open| rest.strip_prefix(open)) {
        rest = after;
    }
    word.len() - rest.len()
}

/// Where the brackets and stops begin that a word ends with. A closing bracket belongs to the
/// address as far as the address opens one.
fn closing(word: &str) -> usize {
    let mut rest = word;
    while let Some(before) =
        [")", ">", "&gt;", ".", ",", "\n"].iter().find_map(|close| rest.strip_suffix(close))
    {
        rest = before;
    }
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let missing = rest.matches(open).count().saturating_sub(rest.matches(close).count());
        for _ in 0..missing {
            let Some(at) = word.get(rest.len()..).and_then(|tail| tail.find(close)) else {
                break;
            };
            rest = word.get(..rest.len() + at + close.len()).unwrap_or(rest);
        }
    }
    rest.len()
}

/// `http://host..`, `https://host..`, `www.host..`, or a bare host below a well-known domain.
fn is_page(word: &str) -> bool {
    let (scheme, rest) =
        match ["https://", "http://", "www."].iter().find(|start| starts_with(word, start)) {
            Some(start) => (Some(*start), word.get(start.len()..).unwrap_or_default()),
            None => (None, word),
        };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, _tail) = rest.split_at(end);
    let host = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) => name,
        _ => host,
    };
    match scheme {
        Some("www.") => is_named_host(host),
        Some(_) => is_named_host(host) || is_number_host(host),
        None => is_well_known_host(host),
    }
}

fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '%' | '-'))
}

/// Labels, and a last one of letters (or an encoded one).
fn is_named_host(host: &str) -> bool {
    let (labels, last) =
        host.rsplit_once('.').map_or((None, host), |(labels, last)| (Some(labels), last));
    let is_top = match last.get(..4) {
        Some(start) if start.eq_ignore_ascii_case("xn--") => last.len() >= 6 && is_label(last),
        _ => (2..=63).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_alphabetic()),
    };
    is_top && labels.is_none_or(|labels| labels.split('.').all(is_label))
}

fn is_number_host(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok()
        || host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok())
}

fn is_well_known_host(host: &str) -> bool {
    const DOMAINS: [&str; 8] = ["com", "net", "int", "edu", "gov", "org", "info", "mil"];
    let Some((labels, last)) = host.rsplit_once('.') else {
        return false;
    };
    DOMAINS.iter().any(|domain| last.eq_ignore_ascii_case(domain))
        && labels
            .split('.')
            .all(|label| is_label(label) && (2..=63).contains(&label.chars().count()))
}

/// `name@host.domain`.
fn is_mailbox(word: &str) -> bool {
    let Some((name, host)) = word.split_once('@') else {
        return false;
    };
    let named = !name.is_empty() && name.chars().all(|c| !c.is_whitespace() && c != '@');
    named
        && host.contains('.')
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        })
}
