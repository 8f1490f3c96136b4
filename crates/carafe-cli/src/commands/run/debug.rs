//! What `carafe run` serves, as DAP's `launch` has it.

use serde_json::{Value, json};

use super::Args;
use crate::app::project::{Kind, Project};

/// The arguments of `launch` for the same app, with the same command line.
///
/// # Errors
/// When an argument is no text.
pub(super) fn launch(args: &Args, project: &Project, lang: Option<&str>) -> Result<Value, String> {
    let mut cargo = args.cargo();
    let bin = match project.kind {
        Kind::Bin => Some(&project.program),
        Kind::Example => {
            cargo.extend(project.option().map(str::to_owned));
            None
        }
    };
    let line = args.app(lang).into_iter().map(|argument| {
        let no_text = |argument: std::ffi::OsString| {
            format!("the argument `{}` is no text", argument.display())
        };
        argument.into_string().map_err(no_text)
    });
    Ok(json!({
        "cargo": {"package": project.package, "bin": bin, "args": cargo},
        "args": line.collect::<Result<Vec<_>, _>>()?,
    }))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Run {
        #[command(flatten)]
        args: Args,
    }

    fn check(kind: Kind, words: &str, expected: Value) {
        let words = ["run"].into_iter().chain(words.split(' ').filter(|word| !word.is_empty()));
        let args = Run::parse_from(words).args;
        let project = Project {
            package: "shop".to_owned(),
            program: "admin".to_owned(),
            kind,
            folder: "/w/shop".into(),
            workspace: "/w".into(),
            target: "/w/target".into(),
        };
        assert_eq!(launch(&args, &project, Some("ko")).unwrap(), expected);
    }

    #[test]
    fn the_same_app_with_the_same_line() {
        check(
            Kind::Bin,
            "--release --qr",
            json!({"cargo": {"package": "shop", "bin": "admin", "args": []}, "args": ["run", "--lang", "ko"]}),
        );
        check(
            Kind::Example,
            "-F x --no-default-features --host lan -p 80 -- --access-log off",
            json!({
                "cargo": {"package": "shop", "bin": null, "args": ["--features", "x", "--no-default-features", "--example", "admin"]},
                "args": ["run", "--host", "lan", "--port", "80", "--lang", "ko", "--access-log", "off"],
            }),
        );
    }
}
