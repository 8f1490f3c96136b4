//! Where the app is to listen: what its own `run` would find, asked of the built program where there is one.
//!
//! `carafe.toml`, `.env`, the environment and the command line can be read without it; only what the app
//! sets in code, which the others go before, is known to the program alone.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use carafe::config::{Config, Loader, Profile};
use serde_json::Value;

use crate::child;

/// How long a program may take to say what its configuration is.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the command line says, as keys and values.
pub(super) type Given = [(&'static str, String)];

/// Reads what can be read without the program.
///
/// # Errors
/// Every mistake in the configuration, in words.
pub(super) fn read(folder: &Path, given: &Given, release: bool) -> Result<Config, String> {
    let loader = Loader::new(folder).env(std::env::vars_os());
    let loader = given
        .iter()
        .fold(loader, |loader, (key, value)| loader.arg(&format!("--{key}"), key, value.as_str()));
    // By default it is the one of the app's build, not of the tool's.
    let loader = match (std::env::var_os("CARAFE_PROFILE"), release) {
        (Some(_), _) => loader,
        (None, true) => loader.profile(Profile::Release),
        (None, false) => loader.profile(Profile::Development),
    };
    loader.load().map_err(|errors| errors.to_string())
}

/// Asks a program; `None` when it does not tell, as when it does not start.
pub(super) fn ask(program: &Path, sets: &[OsString]) -> Option<Config> {
    let mut command = child::command(program).ok()?;
    command.args(["config", "--all", "--json"]).args(sets);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = child::spawn(command).ok()?;
    let out = child.stdout.take()?;
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let rows = serde_json::from_reader::<_, Value>(out);
        let _ = tell.send(rows);
    });
    let deadline = Instant::now() + PATIENCE;
    let rows = told.recv_timeout(PATIENCE);
    if rows.is_err() || Instant::now() > deadline {
        let _ = child.kill();
    }
    let _ = child.wait();
    config(&rows.ok()?.ok()?)
}

/// What the rows say of where to listen.
fn config(rows: &Value) -> Option<Config> {
    let rows = rows.as_array()?;
    let loader = ["host", "port", "lang"].into_iter().fold(Loader::in_memory(), |loader, key| {
        let row = rows.iter().find(|row| row["key"] == key);
        match row.map_or(&Value::Null, |row| &row["value"]) {
            Value::Null => loader,
            Value::String(text) => loader.arg(key, key, text.as_str()),
            other => loader.arg(key, key, other.to_string()),
        }
    });
    loader.load().ok()
}

/// Whether two configurations ask for other sockets.
pub(super) fn differ(one: &Config, other: &Config) -> bool {
    let (one, other) = (one.settings(), other.settings());
    one.host != other.host || one.port != other.port
}

/// `host` and `port`, for people.
pub(super) fn words(config: &Config) -> String {
    let settings = config.settings();
    format!("host `{}`, port `{}`", settings.host, settings.port)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_program_tells_is_what_its_configuration_says() {
        let row = |key: &str, value: Value| json!({"key": key, "value": value, "source": "src/main.rs:7"});
        let check = |host: Value, port: Value, given: &[(&'static str, String)]| {
            let rows = json!([row("host", host), row("port", port), row("lang", Value::Null)]);
            let told = config(&rows).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let read = read(folder.path(), given, false).unwrap();
            assert!(!differ(&told, &read), "{} and {}", words(&told), words(&read));
        };
        let given = |key: &'static str, value: &str| (key, value.to_owned());
        check(json!("localhost"), json!(8000), &[]);
        check(
            json!("0.0.0.0"),
            json!("8000-8010"),
            &[given("host", "0.0.0.0"), given("port", "8000-8010")],
        );
        check(json!("localhost"), json!("auto"), &[given("port", "auto")]);
        check(json!(["lan", "::1"]), json!(0), &[given("host", "lan,::1"), given("port", "0")]);
    }

    #[test]
    fn a_program_that_does_not_tell() {
        for program in ["/bin/false", "/no/program", "/bin/echo"] {
            assert!(ask(Path::new(program), &[]).is_none(), "{program}");
        }
    }

    #[test]
    fn mistakes_are_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("carafe.toml"), "port = \"many\"\n").unwrap();
        let words = read(folder.path(), &[], false).unwrap_err();
        assert!(words.contains("carafe.toml line 1"), "{words}");
    }
}
