//! Ctrl+F5 follows what is saved: such a launch is handed to `carafe run`.

use std::env;

use super::launch::Launch;

/// Options of the app that `carafe run` has too, and takes itself because it opens the sockets.
const WITH_VALUE: [&str; 6] = ["--host", "--port", "-p", "--workers", "--set", "--allow-remote"];
const ALONE: [&str; 2] = ["--take-port", "--qr"];

/// The launch as a run of this tool, where that does the same and more; else as it was.
///
/// A program that is built already, arguments for cargo, and other commands of the app than `run` have
/// nothing to follow, or nothing that `carafe run` could be told.
pub(super) fn by_the_tool(launch: Launch) -> Launch {
    let is_plain = launch.package.as_ref().is_none_or(|package| package.args.is_empty());
    let follows = launch.no_debug && launch.reload && launch.program.is_none() && is_plain;
    let arguments = match launch.args.split_first() {
        None => Some([].as_slice()),
        Some((command, rest)) => (command == "run").then_some(rest),
    };
    // `carafe run` hands sockets from process to process, which other systems do otherwise.
    let (Some(arguments), true, Ok(tool)) = (arguments, follows && cfg!(unix), env::current_exe())
    else {
        return launch;
    };
    let args = line(&launch, arguments);
    Launch { program: Some(tool), package: None, args, ..launch }
}

fn line(launch: &Launch, arguments: &[String]) -> Vec<String> {
    let mut line = vec!["run".to_owned()];
    if let Some(package) = &launch.package {
        for (option, value) in [("--package", &package.package), ("--bin", &package.bin)] {
            line.extend(value.iter().flat_map(|value| [option.to_owned(), value.clone()]));
        }
    }
    let mut rest = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let name = argument.split_once('=').map_or(argument.as_str(), |(name, _)| name);
        if WITH_VALUE.contains(&name) {
            line.push(argument.clone());
            if name == argument {
                line.extend(arguments.next().cloned());
            }
        } else if ALONE.contains(&name) {
            line.push(argument.clone());
        } else {
            rest.push(argument.clone());
        }
    }
    if !rest.is_empty() {
        line.push("--".to_owned());
        line.append(&mut rest);
    }
    line
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(arguments: Value, expected: Option<&str>) {
        let launch = Launch::parse(&arguments).unwrap();
        let made = by_the_tool(launch.clone());
        let line = made.args.join(" ");
        match expected.filter(|_| cfg!(unix)) {
            Some(expected) => assert_eq!(line, expected),
            None => assert_eq!(made, launch),
        }
    }

    #[test]
    fn hands_over_what_can_be_followed() {
        check(json!({"noDebug": true}), Some("run"));
        check(
            json!({"noDebug": true, "cargo": {"package": "a", "bin": "b"}, "args": ["run"]}),
            Some("run --package a --bin b"),
        );
        check(
            json!({"noDebug": true, "args": ["run", "--access-log", "off", "-p", "80", "--host=::1", "--qr"]}),
            Some("run -p 80 --host=::1 --qr -- --access-log off"),
        );
    }

    #[test]
    fn leaves_the_rest() {
        check(json!({}), None);
        check(json!({"noDebug": true, "reload": false}), None);
        check(json!({"noDebug": true, "program": "/a"}), None);
        check(json!({"noDebug": true, "args": ["seed"]}), None);
        check(json!({"noDebug": true, "cargo": {"args": ["--example", "x"]}}), None);
    }
}
