//! What the guide says in tables and listings, held against the code; its Rust examples are doctests.

use std::fs;
use std::path::Path;

use carafe::config::{Loader, Profile};
use carafe_net::{AddressKind, Lang, LinkKind, service_name};

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

/// What these pages say, the tool says too, in the same words.
#[test]
fn the_pages_on_addresses_and_ports_are_the_tools_words() {
    use AddressKind::{CarrierGrade, LinkLocal, Loopback, Private, Public, Unspecified};
    let pages = [
        ("which_address", "which_port", Lang::English),
        ("which_address.ko", "which_port.ko", Lang::Korean),
    ];
    for (addresses, ports, lang) in pages {
        let page = page(&format!("{addresses}.md"));
        let check = |name: &str, reach: &str| {
            assert!(page.contains(&format!("| {name}: {reach} |")), "{addresses}: {name}: {reach}");
        };
        for kind in [Unspecified, Loopback, Private, LinkLocal, CarrierGrade, Public] {
            check(kind.name(lang), kind.reach(lang));
        }
        for link in [LinkKind::Vpn, LinkKind::ContainerBridge] {
            check(link.name(lang), link.reach(lang).unwrap());
        }
        let page = self::page(&format!("{ports}.md"));
        let rows = page.lines().filter(|line| line.starts_with("| 1"));
        let services: Vec<&str> =
            rows.filter_map(|row| row.trim_end_matches(" |").rsplit("| ").next()).collect();
        assert_eq!(services.len(), 2, "{ports}");
        // `5000 flask, airplay` is one service's name.
        let mut listed: Vec<(u16, String)> = Vec::new();
        for words in services.iter().flat_map(|services| services.split(", ")) {
            match words.split_once(' ').and_then(|(port, name)| Some((port.parse().ok()?, name))) {
                Some((port, name)) => listed.push((port, name.to_owned())),
                None => {
                    let (_, last) = listed.last_mut().unwrap();
                    last.push_str(&format!(", {words}"));
                }
            }
        }
        assert!(listed.len() > 15, "{listed:?}");
        for (port, name) in listed {
            assert_eq!(service_name(port), Some(name.as_str()), "{ports}");
        }
    }
}

/// Both languages of a page name the same commands.
#[test]
fn the_korean_pages_name_the_same_commands() {
    for name in ["run_or_debug", "which_address", "which_port"] {
        let commands = |page: &str| {
            let code: Vec<String> = page.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            let mut commands: Vec<String> = code
                .into_iter()
                .filter(|code| {
                    ["--", "carafe ", "sudo ", "docker "]
                        .iter()
                        .any(|start| code.starts_with(start))
                })
                .collect();
            commands.sort();
            commands.dedup();
            commands
        };
        let english = page(&format!("{name}.md")).replace("```", "");
        let korean = page(&format!("{name}.ko.md")).replace("```", "");
        assert_eq!(commands(&english), commands(&korean), "{name}");
        let pictures = |page: &str| page.matches("```").count();
        assert_eq!(pictures(&page(&format!("{name}.md"))), 2, "{name}");
        assert_eq!(pictures(&page(&format!("{name}.ko.md"))), 2, "{name}");
    }
}

/// A page that is not in `pages!`, or not in the list, would not be found.
#[test]
fn every_page_is_in_the_table_of_contents() {
    let contents = page("mod.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/docs");
    let pages = fs::read_dir(folder).unwrap().filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        // `page.ko.md` is the Korean page of the module `page_ko`.
        Some(name.strip_suffix(".md")?.replace('.', "_"))
    });
    for name in pages {
        assert!(contents.contains(&format!("]({name})")), "`{name}` is not listed");
    }
}
