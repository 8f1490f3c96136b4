//! `carafe proxy`: a complete configuration for what stands in front of an app, on standard output.
//!
//! `app` finds the app and asks it for its settings, `site` settles what follows from them, and each kind
//! of server writes it down in a file of its own. Nothing is changed, and nothing is written to disk.

mod apache;
mod app;
mod caddy;
mod cargo;
mod check;
mod docker;
mod nginx;
mod page;
mod settings;
mod site;
mod systemd;
mod units;
mod values;

use std::process::ExitCode;

use carafe_net::Lang;

use crate::output::{complain, print};

use site::Site;

/// What `carafe proxy` can be told.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    kind: Kind,
}

/// What stands in front of the app, or around it.
#[derive(Debug, clap::Subcommand)]
enum Kind {
    /// Print a site for nginx
    Nginx(site::Options),
    /// Print a site for Apache's httpd
    Apache(site::Options),
    /// Print a site for Caddy
    Caddy(site::Options),
    /// Print a socket and a service for systemd
    Systemd(systemd::Options),
    /// Print a Dockerfile, a .dockerignore and a compose file
    Docker(docker::Options),
    /// Tell what arrives at the app through the proxy at a URL, and what the app makes of it
    Check(check::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args, lang: Lang) -> ExitCode {
    let made_by = made_by(std::env::args().skip(1));
    let site = |options, write: fn(&Site, &str, Lang) -> String| {
        Site::settle(options, lang).map(|site| write(&site, &made_by, lang))
    };
    let text = match &args.kind {
        Kind::Nginx(options) => site(options, nginx::write),
        Kind::Apache(options) => site(options, apache::write),
        Kind::Caddy(options) => site(options, caddy::write),
        Kind::Systemd(options) => systemd::write(options, &made_by, lang),
        Kind::Docker(options) => docker::write(options, &made_by, lang),
        Kind::Check(args) => return check::run(args, lang),
    };
    match text {
        Ok(text) => print(&text),
        Err(words) => complain(&words),
    }
}

/// The command as it was typed, for the head of a file: whoever finds the file can make it again.
fn made_by(words: impl Iterator<Item = String>) -> String {
    let mut line = "carafe".to_owned();
    for word in words {
        // A line break would end the comment that this goes into.
        let word: String = word.chars().filter(|c| !c.is_control()).collect();
        let plain = |c: char| c.is_alphanumeric() || "-_./:=,".contains(c);
        line.push(' ');
        match !word.is_empty() && word.chars().all(plain) {
            true => line.push_str(&word),
            false => line.push_str(&format!("'{}'", word.replace('\'', "'\\''"))),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_stays_on_its_line() {
        let words = ["proxy", "nginx", "--dir", "/srv/my app", "a\nb'c"].map(str::to_owned);
        assert_eq!(made_by(words.into_iter()), r"carafe proxy nginx --dir '/srv/my app' 'ab'\''c'");
    }
}
