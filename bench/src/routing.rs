//! Finding the rule of a path among 10, 100 and 1,000.

use carafe::routing::{Map, MapSettings, Outcome, Router, RuleSpec};
use http::Method;

use crate::{Case, Contender, Resource, rest};

/// How many rules there are in a set.
pub const SIZES: [usize; 3] = [10, 100, 1000];

/// A request to find the rule of.
pub struct Lookup {
    /// What it shows.
    pub name: &'static str,
    /// The method; every rule has GET only.
    pub method: Method,
    /// The path.
    pub path: String,
}

/// What is looked for in a set of so many rules.
pub fn lookups(size: usize) -> Vec<Lookup> {
    let name = Resource::in_middle_of(size).name();
    let get = |what, path: &str| Lookup {
        name: what,
        method: Method::GET,
        path: format!("/{name}{path}"),
    };
    vec![
        get("no parameter", "/search"),
        get("one parameter (int)", "/42"),
        get("one parameter (text)", "/by-tag/rust"),
        get("one parameter (path)", "/files/2024/may/report.pdf"),
        get("two parameters", "/42/comments/7"),
        get(
            "three parameters, six segments",
            "/42/comments/7/reactions/6f1c2a4e-0b1d-4b6e-9d6a-3f1e5a7c9b21",
        ),
        get("404 at the end", "/42/comments/7/nothing"),
        Lookup { name: "404 at the beginning", method: Method::GET, path: "/nowhere".to_owned() },
        Lookup { method: Method::POST, ..get("405", "/42") },
    ]
}

/// Carafe's router with so many rules.
///
/// # Panics
/// When a rule is not one.
pub fn router(size: usize) -> Router {
    let mut map = Map::new(MapSettings::default());
    for (target, rule) in rest(size).into_iter().enumerate() {
        let spec = RuleSpec {
            methods: Some(vec![Method::GET]),
            ..RuleSpec::new(rule.carafe, target.to_string(), target)
        };
        map.add(spec).expect("the rules are written correctly");
    }
    map.freeze()
}

/// All cases, with Carafe in them.
pub fn cases() -> Vec<Case> {
    let of_size = |size| lookups(size).into_iter().map(move |lookup| case(size, lookup));
    SIZES.into_iter().flat_map(of_size).collect()
}

fn case(size: usize, lookup: Lookup) -> Case {
    let router = router(size);
    let Lookup { name, method, path } = lookup;
    let found = router.find("localhost", &path, &method, false);
    let expected = match name.split(' ').next() {
        Some("404") => matches!(found, Outcome::NotFound),
        Some("405") => matches!(found, Outcome::MethodNotAllowed { .. }),
        _ => matches!(found, Outcome::Found(_)),
    };
    assert!(expected, "{name}: {path} gave {found:?}");
    let work = move || router.find("localhost", &path, &method, false);
    Case::new(format!("{size} rules, {name}"), Contender::of("carafe", work))
}
