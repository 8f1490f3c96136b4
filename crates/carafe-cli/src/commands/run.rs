//! `carafe run`: builds the app and serves it, without a debugger, and follows what is saved.
//!
//! The tool owns the listening sockets. A new build starts beside the old one on the same sockets; when it is
//! ready, the old one finishes what it has. Nothing of this is in the app.

#[cfg(unix)]
mod debug;
#[cfg(unix)]
mod handout;
#[cfg(unix)]
mod holding;
#[cfg(unix)]
mod keys;
#[cfg(unix)]
mod machine;
#[cfg(unix)]
mod screen;
#[cfg(unix)]
mod settings;
#[cfg(unix)]
mod signals;

use std::ffi::OsString;
use std::process::ExitCode;

use crate::output::complain;

/// Which app, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Keys while it runs: r rebuilds, o opens the browser, q shows a QR code, d debugs, h lists them all."
)]
pub(crate) struct Args {
    /// The package, where the current folder does not say it
    #[arg(short = 'P', long, value_name = "NAME")]
    package: Option<String>,
    /// The program, where the package has several
    #[arg(long, value_name = "NAME", conflicts_with = "example")]
    bin: Option<String>,
    /// An example of the package instead
    #[arg(long, value_name = "NAME")]
    example: Option<String>,
    /// Features of the package to switch on
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Vec<String>,
    /// Without the package's default features
    #[arg(long)]
    no_default_features: bool,
    /// At full speed, as it is deployed; it does not follow what is saved, unless `--reload` says so
    #[arg(short, long)]
    release: bool,
    /// Do not follow what is saved
    #[arg(long)]
    no_reload: bool,
    /// Follow what is saved, also with `--release`
    #[arg(long, conflicts_with = "no_reload")]
    reload: bool,
    /// Open it in the browser when it runs
    #[arg(long)]
    open: bool,
    /// Where to listen: an address, localhost, an interface such as eth0, lan, unix:PATH; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    host: Vec<String>,
    /// The port to listen on, a range such as 8000-8010, or auto
    #[arg(short, long, value_name = "PORT")]
    port: Option<String>,
    /// Threads that serve requests; 0 is one a core
    #[arg(long, value_name = "COUNT")]
    workers: Option<String>,
    /// End the program of this user that holds the port, and take it
    #[arg(long)]
    take_port: bool,
    /// Print the address for this network as a QR code too
    #[arg(long)]
    qr: bool,
    /// Let other computers reach an app that is being debugged; `show` in its place prints the token
    #[arg(long, value_name = "TOKEN")]
    allow_remote: Option<String>,
    /// Set a configuration key, such as --set max_content_length='1 MiB'
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// More arguments for the app
    #[arg(last = true, value_name = "ARGUMENTS")]
    rest: Vec<OsString>,
}

impl Args {
    /// Whether it follows what is saved.
    fn follows(&self) -> bool {
        !self.no_reload && (!self.release || self.reload)
    }

    /// The configuration keys that decide where to listen, as far as they are given.
    fn given(&self, lang: Option<&str>) -> Vec<(&'static str, String)> {
        let mut given = Vec::new();
        if !self.host.is_empty() {
            given.push(("host", self.host.join(",")));
        }
        given.extend(self.port.iter().map(|port| ("port", port.clone())));
        given.extend(lang.map(|lang| ("lang", lang.to_owned())));
        for set in &self.set {
            let (key, value) = set.split_once('=').unwrap_or((set, ""));
            let known = ["host", "port", "lang"].into_iter().find(|known| *known == key.trim());
            given.extend(known.map(|key| (key, value.to_owned())));
        }
        given
    }

    /// The same as options of the app's own command `config`, with all others that are set.
    fn sets(&self, lang: Option<&str>) -> Vec<OsString> {
        let mut sets: Vec<OsString> = Vec::new();
        let own = self.given(lang);
        let own = own.iter().map(|(key, value)| format!("{key}={value}"));
        for set in own.chain(self.set.iter().cloned()) {
            sets.extend(["--set".into(), set.into()]);
        }
        sets
    }

    /// The app's own command line.
    fn app(&self, lang: Option<&str>) -> Vec<OsString> {
        let mut line: Vec<OsString> = vec!["run".into()];
        let hosts = self.host.iter().map(|host| ("--host", host));
        let one = [
            ("--port", self.port.as_ref()),
            ("--workers", self.workers.as_ref()),
            ("--allow-remote", self.allow_remote.as_ref()),
        ];
        let one = one.into_iter().filter_map(|(option, value)| Some((option, value?)));
        let sets = self.set.iter().map(|set| ("--set", set));
        for (option, value) in hosts.chain(one).chain(sets) {
            line.extend([option.into(), value.into()]);
        }
        if let Some(lang) = lang {
            line.extend(["--lang".into(), lang.into()]);
        }
        line.extend(self.rest.iter().cloned());
        line
    }

    /// Arguments for cargo.
    fn cargo(&self) -> Vec<String> {
        let mut line = Vec::new();
        for features in &self.features {
            line.extend(["--features".to_owned(), features.clone()]);
        }
        if self.no_default_features {
            line.push("--no-default-features".to_owned());
        }
        line
    }

    /// An option that was put where the tool does not see it.
    fn misplaced(&self) -> Option<&'static str> {
        let is =
            |word: &str, option: &str| word == option || word.starts_with(&format!("{option}="));
        let words: Vec<_> = self.rest.iter().map(|word| word.to_string_lossy()).collect();
        let options = ["--host", "--port", "-p", "--take-port", "--take-over", "--qr"];
        options.into_iter().find(|option| words.iter().any(|word| is(word, option)))
    }
}

/// Serves the app until Ctrl+C.
pub(crate) fn run(args: &Args, lang: Option<carafe_net::Lang>) -> ExitCode {
    let lang = lang.map(|lang| lang.pick("en", "ko"));
    if let Some(option) = args.misplaced() {
        let hint = match option {
            "--take-over" => "a new build takes over by itself here".to_owned(),
            _ => format!("put it before `--`: `carafe run {option} ..`"),
        };
        return complain(&format!(
            "`{option}` is for the tool, which opens the sockets\n\nhint: {hint}"
        ));
    }
    serve(args, lang)
}

#[cfg(unix)]
fn serve(args: &Args, lang: Option<&str>) -> ExitCode {
    match machine::run(args, lang) {
        Ok(code) => code,
        Err(words) => complain(&words),
    }
}

/// Sockets are not handed from process to process here.
#[cfg(not(unix))]
fn serve(_args: &Args, _lang: Option<&str>) -> ExitCode {
    complain(
        "`carafe run` needs Linux or macOS\n\nhint: `cargo run` serves the app, without reloading",
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &str) -> Args {
        Line::parse_from(["run"].into_iter().chain(line.split(' ').filter(|word| !word.is_empty())))
            .args
    }

    fn joined(words: &[OsString]) -> String {
        words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_the_app_gets() {
        let check =
            |line: &str, expected: &str| assert_eq!(joined(&parse(line).app(None)), expected);
        check("", "run");
        check("--release --no-reload --qr --take-port", "run");
        check("--host lan --host ::1 -p 80", "run --host lan --host ::1 --port 80");
        check(
            "--workers 2 --set a=b --allow-remote x",
            "run --workers 2 --allow-remote x --set a=b",
        );
        check("--set a=b -- --access-log off", "run --set a=b --access-log off");
        assert_eq!(joined(&parse("").app(Some("ko"))), "run --lang ko");
    }

    #[test]
    fn what_the_configuration_gets() {
        let args = parse("--host lan --host ::1 -p 80 --set port=81 --set a=b");
        assert_eq!(
            joined(&args.sets(None)),
            "--set host=lan,::1 --set port=80 --set port=81 --set port=81 --set a=b"
        );
        let given = [("host", "lan,::1"), ("port", "80"), ("port", "81")];
        assert_eq!(args.given(None), given.map(|(key, value)| (key, value.to_owned())));
    }

    #[test]
    fn what_follows() {
        let check =
            |line: &str, expected: bool| assert_eq!(parse(line).follows(), expected, "{line}");
        check("", true);
        check("--no-reload", false);
        check("--release", false);
        check("--release --reload", true);
    }

    #[test]
    fn options_at_the_wrong_place() {
        let check =
            |line: &str, expected: Option<&str>| assert_eq!(parse(line).misplaced(), expected);
        check("-- --port 80", Some("--port"));
        check("-- --host=lan", Some("--host"));
        check("-p 80 -- --portal", None);
    }
}
