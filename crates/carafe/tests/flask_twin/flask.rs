//! The Flask side: starts `flask_app.py` and learns its ports.
//!
//! Without an interpreter that has Flask the comparison fails; it never passes unrun.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::run::Ports;

const HINT: &str = "hint: python3 -m venv target/xtask/flask-venv && \
    target/xtask/flask-venv/bin/pip install Flask==3.1.3 Werkzeug==3.1.9\n\
    hint: or set CARAFE_TOOL_FLASK_PYTHON to a Python that has them";

/// The running apps; dropped, they stop.
pub(crate) struct Flask {
    pub(crate) ports: Ports,
    process: Child,
}

/// Starts the apps and waits until they listen.
pub(crate) fn start() -> Result<Flask, String> {
    let python = python();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flask_twin/flask_app.py");
    let mut process = Command::new(&python)
        .arg("-B") // no __pycache__ among the tests
        .arg(script)
        // It serves until its standard input ends: not longer than this process, even a killed one.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start `{}`: {error}\n{HINT}", python.display()))?;
    let stdout = process.stdout.take();
    let mut flask = Flask { ports: Ports::new(), process };
    for line in stdout.into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.map_err(|error| format!("cannot read from Flask: {error}"))?;
        match line.split_once(" http://") {
            Some((name, address)) => {
                let address = address.parse().map_err(|_| format!("no address in `{line}`"))?;
                flask.ports.insert(name.to_string(), address);
            }
            None if line == "ready" => return Ok(flask),
            None => return Err(format!("Flask printed `{line}`")),
        }
    }
    Err(format!("`{}` ended before it was ready, see above\n{HINT}", python.display()))
}

fn python() -> PathBuf {
    let in_target = "../../target/xtask/flask-venv/bin/python";
    match std::env::var_os("CARAFE_TOOL_FLASK_PYTHON") {
        Some(path) => path.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(in_target),
    }
}

impl Drop for Flask {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
