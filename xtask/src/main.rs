//! `cargo xtask`: the workspace's own commands. This file only chooses; each command has its file.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool talks to its terminal")]

mod bench;
mod budget;
mod callgrind;
mod development;
mod error;
mod licences;
mod process;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use error::{Error, Result};
use workspace::Workspace;

const HELP: &str = "\
Carafe's workspace commands

Usage: cargo xtask <COMMAND>

Commands:
  test [STEP]...   everything CI runs, or only these steps; `--list` names them
  tidy             layers, sizes, leftovers: what the compiler does not check
  licences         every dependency may be used under MIT or Apache-2.0
  budget           instructions a request costs, counted by callgrind
  release          a release build holds nothing of development
  bench [ARG]...   what Carafe costs beside its peers; `bench help` lists what there is
  help             this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    let takes_none = matches!(command.as_str(), "tidy" | "licences" | "budget" | "release");
    if takes_none && let Some(extra) = rest.first() {
        return Err(Error::new(format!("`{command}` takes no arguments, found `{extra}`")));
    }
    match command.as_str() {
        "test" => return test::command(rest),
        "tidy" => println!("{}", tidy::check(&Workspace::find()?)?),
        "licences" => println!("{}", licences::check(&Workspace::find()?)?),
        "budget" => println!("{}", budget::check(&Workspace::find()?)?),
        "release" => println!("{}", development::check(&Workspace::find()?)?),
        "bench" => bench::command(rest)?,
        "help" | "--help" | "-h" => print!("{HELP}"),
        other => {
            return Err(Error::new(format!("no command is named `{other}`"))
                .hint("`cargo xtask` lists them"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(arguments: &[&str], want: &str) {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        let error = dispatch(&arguments).unwrap_err().to_string();
        assert_eq!(error, want);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        check(&["tidi"], "no command is named `tidi`\n  hint: `cargo xtask` lists them");
        check(&["tidy", "x"], "`tidy` takes no arguments, found `x`");
    }
}
