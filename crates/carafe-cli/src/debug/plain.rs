//! Running the program without a debugger: Ctrl+F5.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::child;

/// How long a program may take to end by itself after SIGTERM.
const GRACE: Duration = Duration::from_secs(3);
/// The longest line that is passed on in one piece.
const MAX_LINE: u64 = 64 << 10;

/// A program that nothing holds.
pub(crate) struct Plain {
    child: Arc<Mutex<Child>>,
}

/// What a program that runs tells.
pub(crate) enum Said {
    /// A line of what it prints or logs.
    Output(String),
    /// Its end, with its exit status; a signal is 128 and its number, as shells say it.
    Exited(i32),
}

impl Plain {
    /// Starts it; `hear` is called from other threads, with the end last.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(
        program: &Path,
        args: &[String],
        cwd: &Path,
        env: &[(String, String)],
        hear: impl Fn(Said) + Send + Sync + 'static,
    ) -> Result<Plain, String> {
        let cannot = |error| format!("`{}` cannot be started: {error}", program.display());
        let mut command = child::command(program).map_err(cannot)?;
        command
            .args(args)
            .current_dir(cwd)
            .envs(env.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = child::spawn(command).map_err(cannot)?;
        let hear = Arc::new(hear);
        let readers = [
            child.stdout.take().map(|out| pass_on(out, hear.clone())),
            child.stderr.take().map(|out| pass_on(out, hear.clone())),
        ];
        let child = Arc::new(Mutex::new(child));
        let watched = child.clone();
        thread::spawn(move || {
            let code = wait(&watched);
            for reader in readers.into_iter().flatten() {
                let _ = reader.join();
            }
            hear(Said::Exited(code));
        });
        Ok(Plain { child })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        lock(&self.child).id()
    }

    /// Ends it: it is asked first, so that it finishes its requests, then made to.
    pub(crate) fn stop(&self) {
        let process = carafe_net::process(&carafe_net::System::this(), self.pid());
        let stopped = process.map(|process| carafe_net::stop(&process, GRACE));
        if !matches!(stopped, Some(Ok(_))) {
            let _ = lock(&self.child).kill();
        }
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = lock(&self.child).kill();
    }
}

/// Ends a process that is not our child, where it is still there.
///
/// It is looked at anew, also several times: a process that was hardly born when it was noted has no
/// command yet, and passes for one of the kernel's.
pub(crate) fn end(noted: &carafe_net::Process, grace: Duration) {
    let system = carafe_net::System::this();
    let deadline = Instant::now() + grace;
    loop {
        let now = carafe_net::process(&system, noted.pid).filter(|now| now.start == noted.start);
        let Some(now) = now else { return };
        if carafe_net::stop(&now, grace).is_ok() || Instant::now() > deadline {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait(child: &Mutex<Child>) -> i32 {
    loop {
        match lock(child).try_wait() {
            Ok(Some(status)) => return code(status),
            Ok(None) => {}
            Err(_) => return 1,
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn code(status: std::process::ExitStatus) -> i32 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        status.code().or_else(|| Some(128 + status.signal()?)).unwrap_or(1)
    }
    #[cfg(not(unix))]
    status.code().unwrap_or(1)
}

fn pass_on(
    out: impl Read + Send + 'static,
    hear: Arc<impl Fn(Said) + Send + Sync + 'static>,
) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut out = BufReader::new(out);
        loop {
            let mut line = Vec::new();
            match out.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(1..) => hear(Said::Output(String::from_utf8_lossy(&line).into_owned())),
                _ => return,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn tells_output_and_the_end() {
        let (said, heard) = channel();
        let said = Mutex::new(said);
        let args = ["-c".to_owned(), "echo $WORD; echo err >&2; exit 3".to_owned()];
        let env = [("WORD".to_owned(), "out".to_owned())];
        let _running =
            Plain::start(Path::new("/bin/sh"), &args, Path::new("/"), &env, move |said_now| {
                let _ = said.lock().unwrap().send(said_now);
            })
            .unwrap();
        let mut all = Vec::new();
        let code = loop {
            match heard.recv_timeout(Duration::from_secs(10)).unwrap() {
                Said::Output(line) => all.push(line),
                Said::Exited(code) => break code,
            }
        };
        all.sort();
        assert_eq!((all, code), (vec!["err\n".to_owned(), "out\n".to_owned()], 3));
    }
}
