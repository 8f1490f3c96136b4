//! Random rules and paths, answered by the router and by an obvious matcher that tries every rule
//! on its own and knows the order from a sort.

use std::cmp::Reverse;

use super::*;

/// xorshift64: enough for tests, and the same numbers on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

const SEGMENTS: [&str; 14] = [
    "a", "b", "a-1", "v1", "<S>", "<I>", "<F>", "<A>", "v<I>", "<S>-<S>", "<S>-<I>", "a-<S>",
    "<L>.<S>", "<M>",
];
const FINALS: [&str; 5] = ["<P>", "<P>/b", "<P>-<I>", "a<P>", "<P>/<S>"];

fn random_rule(random: &mut Random) -> String {
    let mut rule = String::new();
    for _ in 0..random.below(4) {
        rule.push('/');
        rule.push_str(random.pick(&SEGMENTS));
    }
    if random.below(6) == 0 {
        rule.push('/');
        rule.push_str(random.pick(&FINALS));
    }
    if rule.is_empty() || random.below(4) == 0 {
        rule.push('/');
    }
    let mut number = 0;
    for (kind, converter) in [
        ("<S>", "string"),
        ("<I>", "int"),
        ("<M>", "int(max=5)"),
        ("<F>", "float"),
        ("<A>", "any(a, b, ab)"),
        ("<P>", "path"),
        ("<L>", "string(length=2)"),
    ] {
        while rule.contains(kind) {
            number += 1;
            rule = rule.replacen(kind, &format!("<{converter}:x{number}>"), 1);
        }
    }
    rule
}

fn random_path(random: &mut Random) -> String {
    let texts =
        ["a", "b", "ab", "1", "7", "v1", "v7", "a-1", "a-b-7", "1.5", "ab.c", "é-1", "-", ""];
    let mut path = String::new();
    for _ in 0..=random.below(4) {
        path.push('/');
        path.push_str(random.pick(&texts));
    }
    path
}

/// The segments of a rule, cut as Werkzeug cuts them: at slashes, until a path takes the rest.
fn segments(rule: &str) -> Vec<String> {
    let mut segments: Vec<String> = vec![String::new()];
    let (mut is_final, mut inside) = (false, false);
    for (at, c) in rule[1..].char_indices() {
        if rule[1 + at..].starts_with("<path") {
            is_final = true;
        }
        inside = (inside || c == '<') && c != '>';
        match c {
            '/' if !is_final && !inside => segments.push(String::new()),
            c => segments.last_mut().unwrap().push(c),
        }
    }
    // The slash at the end of a final segment is a step of its own.
    if is_final && let Some(last) = segments.last_mut().filter(|last| last.ends_with('/')) {
        last.pop();
        segments.push(String::new());
    }
    segments
}

/// Literal pieces and placeholders of a segment.
fn pieces(segment: &str) -> Vec<(bool, &str)> {
    let mut pieces = Vec::new();
    let mut rest = segment;
    while !rest.is_empty() {
        let placeholder = rest.starts_with('<');
        let end = if placeholder {
            rest.find('>').unwrap() + 1
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        pieces.push((placeholder, &rest[..end]));
        rest = &rest[end..];
    }
    pieces
}

fn converter(placeholder: &str) -> &str {
    placeholder[1..].split(':').next().unwrap()
}

/// Where a rule's segment stands among those of one place: literals, then Werkzeug's weights.
/// Equal keys share a place in the tree, so the text of the shape comes last.
type Rank = (bool, Reverse<usize>, Vec<(usize, Reverse<usize>)>, Reverse<usize>, Vec<i32>);

fn rank(segment: &str) -> Rank {
    let pieces = pieces(segment);
    let literals = pieces.iter().filter(|(placeholder, _)| !placeholder).flat_map(|(_, text)| {
        text.split('/').filter(|text| !text.is_empty()).map(|text| Reverse(text.chars().count()))
    });
    let literals: Vec<_> = literals.enumerate().collect();
    let weights: Vec<i32> = pieces
        .iter()
        .filter(|(placeholder, _)| *placeholder)
        .map(|(_, text)| match converter(text) {
            "path" => 200,
            "int" | "int(max=5)" | "float" => 50,
            _ => 100,
        })
        .collect();
    (!weights.is_empty(), Reverse(literals.len()), literals, Reverse(weights.len()), weights)
}

/// The form of a segment: what the search can tell apart before values are looked at.
fn form(segment: &str) -> String {
    pieces(segment)
        .into_iter()
        .map(|(placeholder, text)| match placeholder {
            true => format!("<{}>", converter(text).replace("int(max=5)", "int")),
            false => text.to_owned(),
        })
        .collect()
}

/// Sorts rules into the order of the search: segment by segment, by rank, then by which form was
/// registered first; whole rules by registration.
fn order(rules: &[String]) -> Vec<usize> {
    let cut: Vec<Vec<String>> = rules.iter().map(|rule| segments(rule)).collect();
    let mut keys: Vec<(Vec<(Rank, usize)>, usize)> = Vec::new();
    for (index, segments) in cut.iter().enumerate() {
        // A final segment with a slash behind it has a form of its own.
        let prefix = |n: usize, depth: usize| -> Vec<String> {
            let slash = |at: usize| cut[n][at].contains("<path") && at + 1 < cut[n].len();
            let shown =
                |at: usize| format!("{}{}", form(&cut[n][at]), if slash(at) { "/" } else { "" });
            (0..cut[n].len().min(depth + 1)).map(shown).collect()
        };
        let key = (0..segments.len()).map(|depth| {
            let first = (0..=index).find(|n| prefix(*n, depth) == prefix(index, depth)).unwrap();
            (rank(&segments[depth]), first)
        });
        keys.push((key.collect(), index));
    }
    let mut order: Vec<usize> = (0..rules.len()).collect();
    order.sort_by(|a, b| keys[*a].cmp(&keys[*b]));
    order
}

/// All texts that a placeholder can take at the start of `text`, preferred first.
fn takes(converter: &str, text: &str) -> Vec<usize> {
    let ends = (1..=text.len()).filter(|end| text.is_char_boundary(*end));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fits = |text: &str| match converter {
        "string" => !text.contains('/'),
        "string(length=2)" => !text.contains('/') && text.chars().count() == 2,
        "int" | "int(max=5)" => digits(text),
        "float" => text.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b)),
        "any(a, b, ab)" => ["a", "b", "ab"].contains(&text),
        "path" => !text.starts_with('/'),
        other => panic!("{other}"),
    };
    let mut ends: Vec<usize> = ends.filter(|end| fits(&text[..*end])).collect();
    if converter != "path" && !converter.starts_with("any") {
        ends.reverse();
    }
    ends
}

fn match_pieces<'t>(pieces: &[(bool, &str)], text: &'t str) -> Option<Vec<&'t str>> {
    let Some(((placeholder, piece), others)) = pieces.split_first() else {
        return text.is_empty().then(Vec::new);
    };
    if !placeholder {
        return match_pieces(others, text.strip_prefix(piece)?);
    }
    takes(converter(piece), text).into_iter().find_map(|end| {
        let mut taken = match_pieces(others, &text[end..])?;
        taken.insert(0, &text[..end]);
        Some(taken)
    })
}

enum Fit<'t> {
    Exact(Vec<&'t str>),
    NeedsSlash(Vec<&'t str>),
}

/// Matches one rule; `parts` are the path's segments.
fn fit<'t>(rule: &[String], path: Option<&'t str>) -> Option<Fit<'t>> {
    let Some((segment, others)) = rule.split_first() else {
        return path.is_none().then(|| Fit::Exact(vec![]));
    };
    let Some(path) = path else {
        return (segment.is_empty() && others.is_empty()).then(|| Fit::NeedsSlash(vec![]));
    };
    let (head, tail) = match path.split_once('/') {
        Some((head, tail)) => (head, Some(tail)),
        None => (path, None),
    };
    let (head, tail) = match segment.contains("<path") {
        false => (head, tail),
        true if others.is_empty() => (path, None),
        true => match path.strip_suffix('/') {
            Some(body) => (body, Some("")),
            None => (path, None),
        },
    };
    if segment.contains("<path") && !others.is_empty() && head.ends_with('/') {
        return None;
    }
    let mut taken = match_pieces(&pieces(segment), head)?;
    Some(match fit(others, tail)? {
        Fit::Exact(more) => {
            taken.extend(more);
            Fit::Exact(taken)
        }
        Fit::NeedsSlash(more) => {
            taken.extend(more);
            Fit::NeedsSlash(taken)
        }
    })
}

fn refuses(rule: &str, taken: &[&str]) -> bool {
    let all: Vec<(bool, &str)> = pieces(rule);
    let placeholders = all.iter().filter(|(placeholder, _)| *placeholder);
    placeholders.zip(taken).any(|((_, placeholder), text)| {
        converter(placeholder) == "int(max=5)" && text.parse::<u64>().unwrap() > 5
    })
}

fn shown(rule: &str, index: usize, taken: &[&str]) -> String {
    let mut line = index.to_string();
    let all = pieces(rule);
    let placeholders = all.iter().filter(|(placeholder, _)| *placeholder);
    for ((_, placeholder), text) in placeholders.zip(taken) {
        let name = placeholder.split(':').nth(1).unwrap().trim_end_matches('>');
        let value = match converter(placeholder) {
            "int" | "int(max=5)" => format!("Int({})", text.parse::<i64>().unwrap()),
            "float" => format!("Float({:?})", text.parse::<f64>().unwrap()),
            _ => format!("{text:?}"),
        };
        line.push_str(&format!(" {name}={value}"));
    }
    line
}

fn encoded(path: &str) -> String {
    path.replace('é', "%C3%A9")
}

/// What the path deserves. Of rules at one node, those that end there come before those that want
/// one more slash, and a literal `""` is tried like any other segment: the order says both.
fn expected(rules: &[String], order: &[usize], path: &str) -> Option<String> {
    let cut: Vec<Vec<String>> = rules.iter().map(|rule| segments(rule)).collect();
    for index in order {
        // A rule `…/` whose node comes from the slash is considered at its parent's place, behind
        // the rules that end there, and before all that follow: which is where the sort put it.
        match fit(&cut[*index], Some(&path[1..])) {
            Some(Fit::Exact(taken)) if !refuses(&rules[*index], &taken) => {
                return Some(shown(&rules[*index], *index, &taken));
            }
            Some(Fit::NeedsSlash(taken)) if !refuses(&rules[*index], &taken) => {
                return Some(format!("308 {}/", encoded(path)));
            }
            _ => {}
        }
    }
    None
}

#[test]
fn random_rules_agree_with_the_obvious_matcher() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut found, mut redirects, mut round_trips) = (0, 0, 0);
    for _ in 0..6_000 {
        let rules: Vec<String> =
            (0..1 + random.below(12)).map(|_| random_rule(&mut random)).collect();
        let order = order(&rules);
        let named = rules.iter().enumerate().map(|(i, rule)| named(rule, &i.to_string()));
        let router = router_of(MapSettings::default(), named);
        for _ in 0..12 {
            let path = random_path(&mut random);
            let merged = super::super::segments::merge_slashes(&path);
            let lead = path.len() - path.trim_start_matches('/').len();
            let bare = &path[lead.saturating_sub(1)..];
            let wanted = expected(&rules, &order, bare).unwrap_or_else(|| {
                match expected(&rules, &order, &merged) {
                    Some(_) if merged == bare => panic!("{bare}"),
                    Some(line) if line.starts_with("308") => line,
                    Some(_) => format!("308 {}", encoded(&merged)),
                    None => "404".to_owned(),
                }
            });
            let answer = get(&router, &path);
            assert_eq!(answer, wanted, "{path} among {rules:#?}");
            redirects += usize::from(answer.starts_with("308"));
            check_explained(&router, &path, &answer);
            if let Outcome::Found(matched) = router.find("", &path, &Method::GET, false) {
                found += 1;
                round_trips += usize::from(comes_back(&router, &matched, &path));
            }
        }
    }
    assert!(
        found > 10_000 && redirects > 2_000 && round_trips > 9_000,
        "{found} {redirects} {round_trips}"
    );
}

/// Exactly one rule answers, or none if none was found.
fn check_explained(router: &Router, path: &str, answer: &str) {
    let tried = router.explain("", path, &Method::GET, false);
    assert_eq!(tried.len(), router.rules().count());
    let answers: Vec<&Tried> = tried
        .iter()
        .filter(|tried| matches!(tried.reason, Reason::Answers | Reason::Redirects(_)))
        .collect();
    assert_eq!(answers.len(), usize::from(answer != "404"), "{path} {tried:#?}");
}

/// A URL built from matched values leads to the same rule with the same values, unless the values
/// were written in another way than the router writes them (`007`).
fn comes_back(router: &Router, matched: &Match, path: &str) -> bool {
    let rule = router.rule(matched.rule);
    let named = rule.names().zip(&matched.values);
    let values: BuildValues<'_> =
        named.map(|(name, value)| (name, UrlValue::from_path(value, path))).collect();
    let built = router.build(rule.endpoint(), &values, &BuildOptions::default()).unwrap();
    let decoded = built.path.replace("%C3%A9", "é");
    assert_eq!(
        decoded.trim_end_matches('/'),
        format!("/{}", path.trim_start_matches('/')).trim_end_matches('/')
    );
    assert_eq!(get(router, &decoded), get(router, path));
    true
}
