//! `carafe debug`: builds the app for debugging and starts it under a debugger, with a page in the
//! browser.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use crate::channel::{self, Channel};
use crate::debug::{Client, Seat, Session};
use crate::output::{complain, note, print, say};
use crate::page::{self, Page, Setup};
use crate::tui;

/// What stands below the help.
const MORE: &str = "\
F9 or a click sets a breakpoint, also on a route; F5 goes on, F10 steps. `carafe run` starts sooner and follows
what is saved: the guide's page \"Run or debug?\" has both side by side.";

/// Which app, and how.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = MORE)]
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
    /// Where the app listens: an address, localhost, unix:PATH; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    host: Vec<String>,
    /// The port the app listens on, a range such as 8000-8010, or auto
    #[arg(short, long, value_name = "PORT")]
    port: Option<String>,
    /// The port of the debugger's page; 0 takes any free one [default: 9173, or the next that is free]
    #[arg(long, value_name = "PORT")]
    page_port: Option<u16>,
    /// Debug in this terminal; the page is there too
    #[arg(long)]
    tui: bool,
    /// Debug in this terminal by lines, such as a script writes; gdb's commands, `help` lists them
    #[arg(long)]
    plain: bool,
    /// Do not open the page in the browser
    #[arg(long)]
    no_open: bool,
    /// Arguments for the app
    #[arg(last = true, value_name = "ARGUMENTS")]
    rest: Vec<OsString>,
}

/// Debugs until Ctrl+C.
pub(crate) fn run(arguments: &Args) -> ExitCode {
    let done = match arguments.tui || arguments.plain {
        true => in_terminal(arguments),
        false => debug(arguments).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|words| complain(&words))
}

/// The terminal is the debugger; the page is served beside it, but not opened.
fn in_terminal(arguments: &Args) -> Result<ExitCode, String> {
    let launch = arguments.launch()?;
    let folder =
        std::env::current_dir().map_err(|error| format!("there is no current folder: {error}"))?;
    let debugged = Debugged::new(workspace(&folder), arguments.page_port)?;
    let ended = signals()?;
    debugged.page.starts_by(&launch);
    Ok(tui::run(tui::Terminal {
        session: debugged.session.clone(),
        channel: debugged.channel.clone(),
        page: debugged.page.url(),
        launch,
        folder,
        ended,
        plain: arguments.plain,
    }))
}

fn debug(arguments: &Args) -> Result<(), String> {
    let launch = arguments.launch()?;
    let folder =
        std::env::current_dir().map_err(|error| format!("there is no current folder: {error}"))?;
    let debugged = Debugged::new(workspace(&folder), arguments.page_port)?;
    let ended = signals()?;
    let url = debugged.page.url();
    say(&format!("debugger  {url}\n          Ctrl+C ends it"));
    if !arguments.no_open {
        page::browser::open(&url);
    }
    let terminal = Terminal::join(&debugged.session);
    debugged.page.starts_by(&launch);
    let seat = terminal.seat.get().cloned();
    let page = debugged.page.clone();
    std::thread::spawn(move || {
        let started = seat.map(|seat| seat.ask("launch", &launch));
        if let Some(Err(words)) = started {
            complain(&words);
            page.failed(&words);
            note("it can be built and started again from the debugger's page");
        }
    });
    // Whichever signal it is.
    let _ = ended.recv();
    debugged.session.stop();
    Ok(())
}

/// A session with its page and the channel of its app.
pub(crate) struct Debugged {
    pub(crate) session: Arc<Session>,
    pub(crate) page: Arc<Page>,
    /// Where the app tells of its requests.
    pub(crate) channel: Option<Arc<Channel>>,
}

impl Debugged {
    /// Ready for a launch.
    ///
    /// # Errors
    /// When the page cannot be served.
    pub(crate) fn new(workspace: PathBuf, port: Option<u16>) -> Result<Debugged, String> {
        let session = Session::new();
        session.keep(&workspace);
        // Without it, the debugger works as well; only requests are not listed.
        let channel = Channel::open().inspect_err(|words| note(words)).ok();
        let page = page::start(Setup { channel: channel.clone(), workspace, port, debug: None })?;
        session.always_env(environment(channel.as_deref(), &page));
        page.attach(&session);
        Ok(Debugged { session, page: Arc::new(page), channel })
    }
}

/// What an app has to know of the tool that started it.
pub(crate) fn environment(channel: Option<&Channel>, page: &Page) -> Vec<(String, String)> {
    let mut variables = vec![(page::VARIABLE.to_owned(), page.origin())];
    if let Some(path) = channel.and_then(|channel| channel.path().to_str()) {
        variables.push((channel::VARIABLE.to_owned(), path.to_owned()));
    }
    variables
}

/// The uppermost folder with a `Cargo.toml`, else the folder.
fn workspace(folder: &std::path::Path) -> PathBuf {
    let is_root = |folder: &&std::path::Path| folder.join("Cargo.toml").is_file();
    folder.ancestors().filter(is_root).last().unwrap_or(folder).to_owned()
}

impl Args {
    /// As DAP's `launch` has it.
    fn launch(&self) -> Result<Value, String> {
        let mut cargo = Vec::new();
        if let Some(example) = &self.example {
            cargo.extend(["--example".to_owned(), example.clone()]);
        }
        for features in &self.features {
            cargo.extend(["--features".to_owned(), features.clone()]);
        }
        let mut args = Vec::new();
        for host in &self.host {
            args.extend(["--host".to_owned(), host.clone()]);
        }
        if let Some(port) = &self.port {
            args.extend(["--port".to_owned(), port.clone()]);
        }
        for argument in &self.rest {
            let argument = argument.to_str().ok_or_else(|| {
                format!("the argument `{}` is no text", argument.to_string_lossy())
            })?;
            args.push(argument.to_owned());
        }
        Ok(json!({
            "cargo": {"package": self.package, "bin": self.bin, "args": cargo},
            "args": args,
        }))
    }
}

/// The terminal as a client: it shows what the app says.
struct Terminal {
    seat: OnceLock<Arc<Seat>>,
}

impl Terminal {
    fn join(session: &Arc<Session>) -> Arc<Terminal> {
        let terminal = Arc::new(Terminal { seat: OnceLock::new() });
        let seat = Arc::new(session.join(terminal.clone()));
        let _ = terminal.seat.set(seat);
        terminal
    }
}

impl Client for Terminal {
    fn tell(&self, event: &str, body: &Value) {
        match event {
            "output" => {
                let text = body["output"].as_str().unwrap_or_default();
                match body["category"].as_str() {
                    Some("stdout") => drop(print(text)),
                    // Its own line break is there already.
                    _ => say(text.strip_suffix('\n').unwrap_or(text)),
                }
            }
            // Breakpoints are the session's own; nothing has to be waited for.
            "initialized" => {
                let Some(seat) = self.seat.get().cloned() else { return };
                std::thread::spawn(move || {
                    if let Err(words) = seat.ask("configurationDone", &json!({})) {
                        complain(&words);
                    }
                });
            }
            "exited" => note(&format!("the app exited with code {}", body["exitCode"])),
            _ => {}
        }
    }

    fn is_tool(&self) -> bool {
        true
    }
}

/// Hears once of a signal that ends the tool.
fn signals() -> Result<std::sync::mpsc::Receiver<()>, String> {
    let failed = |error: std::io::Error| format!("signals cannot be caught: {error}");
    let (tell, told) = std::sync::mpsc::channel();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(failed)?;
    let entered = runtime.enter();
    #[cfg(unix)]
    let caught = {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        kinds.into_iter().map(signal).collect::<std::io::Result<Vec<_>>>().map_err(failed)?
    };
    drop(entered);
    std::thread::spawn(move || {
        runtime.block_on(async {
            #[cfg(unix)]
            {
                let mut caught = caught;
                std::future::poll_fn(|cx| {
                    match caught.iter_mut().any(|each| each.poll_recv(cx).is_ready()) {
                        true => std::task::Poll::Ready(()),
                        false => std::task::Poll::Pending,
                    }
                })
                .await;
            }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
        });
        let _ = tell.send(());
    });
    Ok(told)
}
