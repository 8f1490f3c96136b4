//! What the guide says in tables and listings, held against the code; its Rust examples are doctests.

use std::fs;
use std::path::Path;

use carafe::config::{Loader, Profile};

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The table of keys: `| key | type | default | meaning |`, a row for each key, and none else.
#[test]
fn every_key_is_listed_with_its_default() {
    let page = page("config.md");
    let listed: Vec<(&str, &str)> = page.lines().filter_map(row).collect();
    let config = Loader::in_memory().profile(Profile::Release).load().unwrap();
    let entries = config.entries();
    for entry in &entries {
        let row = listed.iter().find(|(key, _)| *key == entry.key);
        let Some((_, default)) = row else { panic!("`{}` is not listed", entry.key) };
        assert_eq!(*default, entry.value, "the default of `{}`", entry.key);
    }
    for (key, _) in &listed {
        assert!(entries.iter().any(|entry| entry.key == *key), "there is no key `{key}`");
    }
    assert_eq!(listed.len(), entries.len());
}

fn row(line: &str) -> Option<(&str, &str)> {
    let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
    let [key, _type, default, _meaning] = cells[..] else { return None };
    Some((key.trim_matches('`'), default.trim_matches('`')))
}

/// A template that a page shows is the very file that its examples render.
#[test]
fn shown_templates_are_the_rendered_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs/demo/templates");
    let shown = page("templates.md");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(shown.contains(&format!("```jinja\n{text}```")), "{} is not shown", path.display());
    }
}

/// A page that is not in `pages!`, or not in the list, would not be found.
#[test]
fn every_page_is_in_the_table_of_contents() {
    let contents = page("mod.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs");
    let pages = fs::read_dir(folder).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        Some(name.strip_suffix(".md")?.to_owned())
    });
    for name in pages {
        assert!(contents.contains(&format!("]({name}):")), "`{name}` is not listed");
    }
}
