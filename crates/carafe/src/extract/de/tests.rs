//! Types that users write, and what they read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::from_pairs;
use crate::http::values::MultiDict;

fn read<T: DeserializeOwned>(query: &str) -> Result<T, String> {
    let pairs = MultiDict::parse(query.as_bytes()).unwrap();
    from_pairs(&pairs)
        .map_err(|failures| failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

#[track_caller]
fn check<T: DeserializeOwned + PartialEq + Debug>(query: &str, expected: Result<T, &str>) {
    assert_eq!(read::<T>(query), expected.map_err(str::to_owned), "{query}");
}

#[derive(Debug, PartialEq, Deserialize)]
struct Person {
    name: String,
    age: u8,
}

fn person(name: &str, age: u8) -> Result<Person, &'static str> {
    Ok(Person { name: name.to_owned(), age })
}

#[test]
fn structs() {
    check("name=Ann&age=3", person("Ann", 3));
    check("name=&age=+3+&more=1", person("", 3));
    check("name=a&name=b&age=1", person("a", 1));
    check::<Person>("age=3", Err("`name` is missing"));
    check::<Person>("", Err("`name` is missing"));
    check::<Person>("name=a&age=abc", Err("`age` must be a whole number, but is `abc`"));
    check::<Person>("name=a&age=", Err("`age` must be a whole number, but is empty"));
    check::<Person>(
        "name=a&age=300",
        Err("`age` must be a whole number from 0 to 255, but is `300`"),
    );
    check::<Person>(
        "name=a&age=-1",
        Err("`age` must be a whole number from 0 to 255, but is `-1`"),
    );
    check::<Person>("name=a&age=1.5", Err("`age` must be a whole number, but is `1.5`"));
    let long = "x".repeat(100);
    let words = format!("`age` must be a whole number, but is `{}...`", "x".repeat(60));
    check::<Person>(&format!("name=a&age={long}"), Err(&words));
    check::<Person>("name=a&age=%0a", Err("`age` must be a whole number, but is `\\n`"));
}

#[derive(Debug, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Search {
    q: Option<String>,
    page: Option<u32>,
    tag: Vec<String>,
    ids: BTreeSet<i64>,
    exact: bool,
    ratio: f32,
    letter: char,
}

#[test]
fn optional_and_repeated() {
    check("", Ok(Search::default()));
    check("page=", Ok(Search::default()));
    check("q=", Ok(Search { q: Some(String::new()), ..Search::default() }));
    check("page=2", Ok(Search { page: Some(2), ..Search::default() }));
    check("tag=a&tag=b", Ok(Search { tag: vec!["a".into(), "b".into()], ..Search::default() }));
    check(
        "ids=3&q=x&ids=1",
        Ok(Search { q: Some("x".into()), ids: [1, 3].into(), ..Search::default() }),
    );
    check(
        "ratio=1.5&letter=%ED%95%9C",
        Ok(Search { ratio: 1.5, letter: '한', ..Search::default() }),
    );
    for (text, exact) in
        [("on", true), ("TRUE", true), ("1", true), ("yes", true), ("off", false), ("0", false)]
    {
        check(&format!("exact={text}"), Ok(Search { exact, ..Search::default() }));
    }
    check::<Search>("exact=maybe", Err("`exact` must be `true` or `false`, but is `maybe`"));
    check::<Search>("ratio=NaN", Err("`ratio` must be a number, but is `NaN`"));
    check::<Search>("letter=ab", Err("`letter` must be one character, but is `ab`"));
    check::<Search>("ids=1&ids=x", Err("`ids` must be a whole number, but is `x`"));
    check::<Search>(
        "page=x&exact=y&ratio=z&q=1",
        Err(
            "`exact` must be `true` or `false`, but is `y`; `page` must be a whole number, but is `x`; \
             `ratio` must be a number, but is `z`",
        ),
    );
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Id(u32);

#[derive(Debug, PartialEq, Deserialize)]
struct Mixed {
    colour: Colour,
    other: Option<Colour>,
    id: Id,
    #[serde(rename = "tag-list")]
    tags: Vec<String>,
    ticked: bool,
}

#[test]
fn enums_newtypes_and_what_browsers_leave_out() {
    let mixed = |other, tags: &[&str], ticked| {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        Ok(Mixed { colour: Colour::Red, other, id: Id(7), tags, ticked })
    };
    check("colour=red&id=7", mixed(None, &[], false));
    check("colour=red&id=7&other=", mixed(None, &[], false));
    check(
        "colour=red&id=7&other=green&tag-list=a&ticked=on",
        mixed(Some(Colour::Green), &["a"], true),
    );
    check::<Mixed>(
        "colour=blue&id=7",
        Err("`colour` must be one of `red`, `green`, but is `blue`"),
    );
    check::<Mixed>("id=x", Err("`id` must be a whole number, but is `x`; `colour` is missing"));
    check::<Mixed>("colour=red", Err("`id` is missing"));
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    a: u8,
    b: Option<(u8, u8)>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Flat {
    own: u8,
    #[serde(flatten)]
    inner: Inner,
    #[serde(flatten)]
    rest: HashMap<String, String>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Inner {
    text: String,
}

#[test]
fn other_shapes() {
    check("a=1&b=2&b=3", Ok(Strict { a: 1, b: Some((2, 3)) }));
    check::<Strict>("a=1&c=1", Err("`c` is not a field here; the fields are `a`, `b`"));
    check::<Strict>("a=1&b=2", Err("`b` must have 2 values, but has 1"));
    let rest = HashMap::from([("x".to_owned(), "y".to_owned())]);
    check("own=1&text=t&x=y", Ok(Flat { own: 1, inner: Inner { text: "t".into() }, rest }));
    check::<Flat>("own=1", Err("`text` is missing"));
    check("b=2&a=1", Ok(BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)])));
    check::<BTreeMap<String, u8>>("a=x", Err("`a` must be a whole number, but is `x`"));
    check(
        "b=2&a=1&b=3",
        Ok(vec![
            ("b".to_owned(), "2".to_owned()),
            ("a".into(), "1".into()),
            ("b".into(), "3".into()),
        ]),
    );
    check("a=1", Ok(()));
    check("name=a&age=1", Ok(Some(Person { name: "a".into(), age: 1 })));
    check::<HashMap<String, Person>>(
        "a=1",
        Err("`a` cannot hold fields of its own in a query or a form"),
    );
}

#[test]
fn a_hostile_form_is_read_in_time() {
    let many: String = (0..1000).map(|n| format!("k{n}=&")).collect();
    assert!(read::<HashMap<String, Option<u8>>>(&many).is_err());
    assert_eq!(read::<HashMap<String, String>>(&many).unwrap().len(), 1000);
}
