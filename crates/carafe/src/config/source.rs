//! Where a value was set. Every leaf of the configuration carries one of these.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::Profile;

/// Where a value was set; its `Display` is made for messages: "carafe.toml line 3".
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Nobody set it.
    Default,
    /// A line of `carafe.toml`.
    File {
        /// The file, relative to the app's folder where it lies inside.
        path: Arc<Path>,
        /// Counted from 1.
        line: usize,
        /// The profile whose section holds it.
        section: Option<Profile>,
    },
    /// A line of `.env`.
    DotEnv {
        /// The file, relative to the app's folder where it lies inside.
        path: Arc<Path>,
        /// Counted from 1.
        line: usize,
    },
    /// An environment variable.
    Env {
        /// Its whole name, such as `CARAFE_PORT`.
        name: String,
    },
    /// An option of the command line.
    CommandLine {
        /// As it is typed, such as `--port`.
        flag: String,
    },
    /// A call in the app's own code.
    Code {
        /// The source file, as the compiler names it.
        file: &'static str,
        /// Counted from 1.
        line: u32,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("the default"),
            Source::File { path, line, section } => {
                write!(f, "{} line {line}", path.display())?;
                match section {
                    Some(profile) => write!(f, ", in [profile.{profile}]"),
                    None => Ok(()),
                }
            }
            Source::DotEnv { path, line } => write!(f, "{} line {line}", path.display()),
            Source::Env { name } => write!(f, "the environment variable {name}"),
            Source::CommandLine { flag } => write!(f, "{flag} on the command line"),
            Source::Code { file, line } => write!(f, "{file}:{line}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_well() {
        let path: Arc<Path> = Path::new("carafe.toml").into();
        let check = |source: Source, text: &str| assert_eq!(source.to_string(), text);
        check(Source::Default, "the default");
        check(Source::File { path: path.clone(), line: 3, section: None }, "carafe.toml line 3");
        check(
            Source::File { path, line: 9, section: Some(Profile::Release) },
            "carafe.toml line 9, in [profile.release]",
        );
        check(Source::DotEnv { path: Path::new(".env").into(), line: 1 }, ".env line 1");
        check(Source::Env { name: "CARAFE_PORT".into() }, "the environment variable CARAFE_PORT");
        check(Source::CommandLine { flag: "--port".into() }, "--port on the command line");
        check(Source::Code { file: "src/main.rs", line: 7 }, "src/main.rs:7");
    }
}
