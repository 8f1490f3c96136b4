//! Breakpoints and watches in a file of the workspace, for clients that keep none themselves.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::points::{Owner, Place, Point, Points};

/// Below the workspace; `cargo clean` may take it away.
const FILE: &str = "target/carafe/debug.json";
const VERSION: i64 = 1;
/// A larger file, in bytes, is not ours.
const MAX_FILE: u64 = 4 << 20;

/// Where a workspace keeps them.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    root: PathBuf,
}

impl Store {
    /// Of the workspace with this folder.
    pub(crate) fn of(root: &Path) -> Store {
        Store { root: root.to_owned() }
    }

    fn file(&self) -> PathBuf {
        self.root.join(FILE)
    }

    /// What was kept; nothing where there is no file, or one that cannot be understood. Panics are
    /// stopped at unless that was switched off.
    pub(crate) fn load(&self) -> Points {
        let mut points = Points::with_filters(&["panic"]);
        let Some(kept) = self.read() else { return points };
        for kept in kept["breakpoints"].as_array().into_iter().flatten() {
            let place = match (kept["file"].as_str(), kept["line"].as_i64(), kept["name"].as_str())
            {
                (Some(file), Some(line), _) => Place::Line(self.root.join(file), line),
                (_, _, Some(name)) => Place::Name(name.to_owned()),
                _ => continue,
            };
            let id = points.add(place, Owner::Tool, kept);
            if let (Some(point), Some(text)) = (points.get_mut(id), kept["text"].as_str()) {
                point.text = text.to_owned();
            }
        }
        let texts = |key: &str| {
            let texts = kept[key].as_array()?.iter().filter_map(Value::as_str);
            Some(texts.map(str::to_owned).collect::<Vec<_>>())
        };
        points.filters = texts("filters").unwrap_or(points.filters);
        points.watches = texts("watches").unwrap_or_default();
        points
    }

    fn read(&self) -> Option<Value> {
        let file = self.file();
        if fs::metadata(&file).ok()?.len() > MAX_FILE {
            return None;
        }
        let kept: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        (kept["version"] == VERSION).then_some(kept)
    }

    /// Keeps them. A reader sees the old file or the new one, never half of one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn save(&self, points: &Points) -> io::Result<()> {
        let file = self.file();
        let kept = points.all().iter().filter(|point| !point.once).map(|point| self.kept(point));
        let text = json!({
            "version": VERSION, "breakpoints": kept.collect::<Vec<_>>(),
            "filters": points.filters, "watches": points.watches,
        });
        fs::create_dir_all(file.parent().unwrap_or(&self.root))?;
        let unfinished = file.with_extension(format!("json.{}", std::process::id()));
        fs::write(&unfinished, format!("{text:#}\n"))?;
        fs::rename(&unfinished, &file).inspect_err(|_| drop(fs::remove_file(&unfinished)))
    }

    fn kept(&self, point: &Point) -> Value {
        let mut kept = json!({"enabled": point.enabled});
        match &point.place {
            Place::Line(file, line) => {
                // Relative, so that the workspace can be moved.
                kept["file"] = json!(file.strip_prefix(&self.root).unwrap_or(file));
                kept["line"] = json!(line);
                kept["text"] = json!(point.text);
            }
            Place::Name(name) => kept["name"] = json!(name),
        }
        for (name, text) in &point.rules {
            kept[*name] = json!(text);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_set() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::of(root.path());
        assert_eq!(store.load().filters, ["panic"]);
        let source = root.path().join("a.rs");
        fs::write(&source, "one\ntwo\n").unwrap();
        let mut points = Points::default();
        points.add(
            Place::Line(source.clone(), 2),
            Owner::Seat(3),
            &json!({"condition": "id == 7"}),
        );
        points.add(Place::Name("GET /x".into()), Owner::Tool, &json!({"enabled": false}));
        points.add(Place::Line(source.clone(), 1), Owner::Tool, &json!({"once": true}));
        points.watches.push("user.name".to_owned());
        store.save(&points).unwrap();
        let mut loaded = store.load();
        assert_eq!((loaded.all().len(), loaded.watches.clone()), (2, points.watches.clone()));
        assert_eq!(loaded.filters, [] as [String; 0]);
        assert_eq!(loaded.all()[0].rules["condition"], "id == 7");
        assert!(!loaded.all()[1].enabled);
        // Edited in between: the line is followed.
        fs::write(&source, "zero\none\ntwo\n").unwrap();
        assert_eq!(loaded.follow_sources(), [1]);
        assert_eq!(loaded.all()[0].place, Place::Line(source, 3));
    }

    #[test]
    fn what_is_no_store_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::of(root.path());
        fs::create_dir_all(root.path().join("target/carafe")).unwrap();
        for text in ["", "{", "[]", r#"{"version": 9}"#, r#"{"version":1,"breakpoints":[5,{}]}"#] {
            fs::write(store.file(), text).unwrap();
            assert_eq!(store.load().all().len(), 0, "{text}");
        }
    }
}
