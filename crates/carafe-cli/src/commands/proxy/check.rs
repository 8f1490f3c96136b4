//! `carafe proxy check URL`: what arrives at the app through the proxy, against what is trusted.
//!
//! One request goes to the URL as a visitor's would, and the app that it reaches is asked at its
//! control socket what it saw (`watch`). A second one pretends to have come through a proxy already:
//! what of that is believed, any visitor could make the app believe.

mod get;
mod judge;
mod mend;
mod missed;
mod report;
mod tls;
mod url;
mod watch;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use carafe_net::{Lang, RunningApp, running};

use crate::output::{complain, print};

use self::get::{Answer, Failure};
use self::judge::Seen;
use self::url::Url;
use self::watch::{Watch, Watched};

/// What `carafe proxy check` can be told.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The app's address as visitors have it, such as https://example.com/app/
    #[arg(value_name = "URL", value_parser = Url::parse)]
    url: Url,
    /// The process id of the app [default: whichever app the request reaches]
    #[arg(long, value_name = "PID")]
    pid: Option<u32>,
    /// The port that the app itself listens on
    #[arg(long, value_name = "PORT", conflicts_with = "pid")]
    port: Option<u16>,
    /// Take any certificate, such as one that signed itself
    #[arg(long)]
    insecure: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command: 0 when everything is right, 1 when not.
pub(super) fn run(args: &Args, lang: Lang) -> ExitCode {
    // Programs read one language.
    let lang = if args.json { Lang::English } else { lang };
    let outcome = match look(args, lang) {
        Ok(outcome) => outcome,
        Err(words) => return complain(&words),
    };
    let printed = print(&match args.json {
        true => report::json(&args.url, &outcome),
        false => report::text(&args.url, &outcome, lang),
    });
    match outcome.is_right() {
        true => printed,
        false => ExitCode::FAILURE,
    }
}

/// How the request fared.
enum Outcome {
    /// It reached an app.
    Arrived { app: watch::About, checks: Vec<judge::Check> },
    /// It got no answer.
    Failed(Failure),
    /// It was answered, but by none of the apps that were watched.
    Elsewhere { answer: Answer, apps: Vec<watch::About> },
    /// It reached another app than the one that was meant.
    Other { meant: Vec<watch::About>, other: watch::About },
}

impl Outcome {
    fn is_right(&self) -> bool {
        matches!(self, Outcome::Arrived { checks, .. } if checks.iter().all(judge::Check::is_right))
    }
}

/// How long an app may take, once the answer is here, to tell that it was its own.
const AFTER: Duration = Duration::from_millis(500);

fn look(args: &Args, lang: Lang) -> Result<Outcome, String> {
    // All are watched, so that it can be said where a request went that went astray.
    let apps = running();
    let meant = watch::among(&apps, args.pid, args.port, lang)?;
    let about = |apps: &[RunningApp]| apps.iter().map(watch::about).collect::<Vec<_>>();
    let (answer, first) = match send(args, &apps, &[], lang)? {
        Sent::Failed(failure) => return Ok(Outcome::Failed(failure)),
        Sent::Unseen(answer) => return Ok(Outcome::Elsewhere { answer, apps: about(&meant) }),
        Sent::Seen(answer, watched) => (answer, watched),
    };
    let app = watch::about(&first.app);
    if meant.iter().all(|one| one.pid != app.pid) {
        return Ok(Outcome::Other { meant: about(&meant), other: app });
    }
    let forged = send(args, std::slice::from_ref(&first.app), &judge::forged(&args.url), lang)?;
    let forged = match forged {
        Sent::Seen(_, watched) => Some(watched.told),
        Sent::Failed(_) | Sent::Unseen(_) => None,
    };
    let (url, told, forged) = (&args.url, &first.told, forged.as_ref());
    let seen = Seen { url, answer: &answer, told, forged, about: &app };
    let checks = judge::all(&seen, lang);
    Ok(Outcome::Arrived { app, checks })
}

/// What became of one request.
enum Sent {
    Seen(Answer, Watched),
    Unseen(Answer),
    Failed(Failure),
}

/// Sends a request while these apps look out for it.
///
/// # Errors
/// When no app can be asked.
fn send(
    args: &Args,
    apps: &[RunningApp],
    headers: &[(&str, String)],
    lang: Lang,
) -> Result<Sent, String> {
    let nonce = nonce();
    let watch = Watch::begin(apps, &nonce, lang)?;
    let answer = match get::get(&args.url, &nonce, headers, args.insecure) {
        Ok(answer) => answer,
        Err(failure) => return Ok(Sent::Failed(failure)),
    };
    Ok(match watch.wait(Instant::now() + AFTER) {
        Some(watched) => Sent::Seen(answer, watched),
        None => Sent::Unseen(answer),
    })
}

/// Sixteen digits that nobody else sends.
fn nonce() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    // Each `RandomState` has random keys of its own.
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
