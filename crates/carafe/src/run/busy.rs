//! A port that is taken: by whom, and what is done about it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use carafe_net::{
    Holder, HolderKind, Lang, Process, StopError, Stopped, System, WhyNot, describe_all, holders,
    is_free, next_free, stop, time_wait,
};

use super::error::refused;
use super::{RunError, RunOptions, again, dialogue};
use crate::config::Port;

/// How long a program that is stopped may tidy up before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// What is known of a port that is taken.
#[derive(Debug)]
pub(super) struct Busy {
    pub(super) port: u16,
    /// Who listens on it; empty when nobody can be seen.
    pub(super) holders: Vec<Holder>,
    /// Connections that have ended and still keep it.
    pub(super) time_wait: usize,
    /// Whether they have only the rest of `localhost`, and none of the addresses that we want.
    pub(super) split: bool,
    /// The next free port.
    pub(super) next: Option<u16>,
}

/// What to do next.
pub(super) enum Step {
    /// The same port once more.
    Retry,
    /// Another one.
    Use(u16),
}

impl Busy {
    /// Asks the system about a port that could not be had on these addresses.
    pub(super) fn look(ips: &[IpAddr], port: u16, system: &System) -> Busy {
        // What the system does not tell is as if it were not there.
        let mut holders = holders(system, port).unwrap_or_default();
        if holders.iter().any(|holder| concerns(holder.address.ip(), ips)) {
            holders.retain(|holder| concerns(holder.address.ip(), ips));
        }
        // A socket that is being closed is listed for a moment without its program.
        let seen: Vec<SocketAddr> = holders
            .iter()
            .filter(|holder| holder.process.is_some())
            .map(|holder| holder.address)
            .collect();
        holders.retain(|holder| holder.process.is_some() || !seen.contains(&holder.address));
        let split = !holders.is_empty()
            && !holders.iter().any(|holder| is_in_the_way(holder.address.ip(), ips));
        let waiting = if holders.is_empty() { time_wait(system, port).unwrap_or(0) } else { 0 };
        let here = ips.iter().copied().filter(|ip| is_free(SocketAddr::new(*ip, 0)));
        let next = port.checked_add(1).and_then(|from| next_free(&here.collect::<Vec<_>>(), from));
        Busy { port, holders, time_wait: waiting, split, next }
    }

    /// Who has the port, in several lines.
    pub(super) fn facts(&self, lang: Lang) -> String {
        let port = self.port;
        if !self.holders.is_empty() {
            let mut facts = describe_all(&self.holders, lang);
            if self.split {
                facts.push_str(&format!("\n\n{}", lang.pick(SPLIT.0, SPLIT.1)));
            }
            return facts;
        }
        match (self.time_wait, lang) {
            (0, Lang::Korean) => format!(
                "{port}번 포트를 쓸 수 없는데, 이 포트에서 연결을 기다리는 프로그램은 보이지 않습니다.\n\
                 다른 곳으로 나가는 연결이 이 번호에서 시작했거나, 어떤 프로그램이 아직 연결을 기다리지 않으면서 포트를 잡고 있습니다"
            ),
            (0, _) => format!(
                "port {port} is taken, and no program is seen that listens on it:\n\
                 a connection to elsewhere began at this number, or a program holds it without listening yet"
            ),
            (count, Lang::Korean) => format!(
                "{port}번 포트에서 연결을 기다리는 프로그램은 없지만, 끝난 연결 {count}개가 아직 이 포트를 잡고 있습니다(TIME_WAIT).\n\
                 늦어도 1분 뒤에는 풀립니다"
            ),
            (count, _) => {
                let connections = match count {
                    1 => "a connection that has ended still keeps".to_owned(),
                    _ => format!("{count} connections that have ended still keep"),
                };
                format!(
                    "port {port} is not free yet: no program listens on it, but {connections} it (TIME_WAIT);\n\
                     after a minute at most it is free"
                )
            }
        }
    }

    fn is_earlier_run(&self) -> bool {
        let is_ours = |holder: &Holder| holder.kind == HolderKind::ThisProgram;
        !self.holders.is_empty() && self.holders.iter().all(is_ours)
    }

    /// Whether an earlier run may hand its sockets on: one that is suspended answers nobody.
    fn can_hand_over(&self) -> bool {
        let suspended = |holder: &Holder| holder.process.as_ref().is_some_and(|it| it.suspended);
        cfg!(unix) && self.is_earlier_run() && !self.holders.iter().any(suspended)
    }

    /// The processes that would have to end, each once.
    ///
    /// # Errors
    /// Why one of them may not be; `None` when there is nobody to end.
    pub(super) fn stoppable(&self) -> Result<Vec<&Process>, Option<WhyNot>> {
        let mut found: Vec<&Process> = Vec::new();
        for holder in &self.holders {
            holder.may_stop().map_err(Some)?;
            let process = holder.process.as_ref().ok_or(Some(WhyNot::Unseen))?;
            if found.iter().all(|other| other.pid != process.pid) {
                found.push(process);
            }
        }
        if found.is_empty() { Err(None) } else { Ok(found) }
    }
}

/// English, Korean.
const SPLIT: (&str, &str) = (
    "`localhost` means 127.0.0.1 and ::1: with a program on each, a browser reaches now one, now the other",
    "`localhost`는 127.0.0.1이기도 하고 ::1이기도 합니다. 두 프로그램이 하나씩 나누어 가지면 브라우저가 \
     어느 쪽에 접속할지 알 수 없습니다",
);

/// Whether someone who listens there keeps us from listening on these addresses, or would answer on
/// a part of our `localhost`.
fn concerns(theirs: IpAddr, ours: &[IpAddr]) -> bool {
    let loopbacks: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    let is_local = |ip: &IpAddr| loopbacks.contains(ip) || ip.is_unspecified();
    is_in_the_way(theirs, ours) || (is_local(&theirs) && ours.iter().any(is_local))
}

/// Whether the system does not let both listen. A `::` is taken for one that has IPv4 too.
fn is_in_the_way(theirs: IpAddr, ours: &[IpAddr]) -> bool {
    let covers = |wide: IpAddr, ip: IpAddr| {
        wide.is_unspecified() && (wide.is_ipv6() || wide.is_ipv4() == ip.is_ipv4())
    };
    ours.iter().any(|ip| *ip == theirs || covers(*ip, theirs) || covers(theirs, *ip))
}

/// What was asked and done about a port, from one try to the next.
pub(super) struct Settling<'a> {
    options: &'a RunOptions,
    lang: Lang,
}

impl Settling<'_> {
    pub(super) fn new(options: &RunOptions, lang: Lang) -> Settling<'_> {
        Settling { options, lang }
    }

    /// Decides what to do: as `--take-port` says, or whoever sits at the terminal.
    ///
    /// # Errors
    /// The whole story with the commands to type, where nobody can be asked; or that it was given up.
    pub(super) fn settle(&mut self, busy: &Busy) -> Result<Step, RunError> {
        if self.options.take_port {
            return self.take(busy).map(|()| Step::Retry);
        }
        if !dialogue::is_possible() {
            return Err(refused(&busy.facts(self.lang), &self.hints(busy)));
        }
        match dialogue::ask(busy, self.lang)? {
            dialogue::Answer::Next(port) => Ok(Step::Use(port)),
            dialogue::Answer::Stop => {
                for process in busy.stoppable().unwrap_or_default() {
                    dialogue::say(&stopping(process, self.lang));
                    dialogue::say(&stopped(&stop(process, GRACE), self.lang));
                }
                Ok(Step::Retry)
            }
            dialogue::Answer::Quit => {
                let words = lang_quit(busy.port, self.lang);
                Err(RunError::Refused(words))
            }
        }
    }

    fn take(&self, busy: &Busy) -> Result<(), RunError> {
        let lang = self.lang;
        let (facts, mut hints) = (busy.facts(lang), self.hints(busy));
        let processes = match busy.stoppable() {
            Ok(processes) => processes,
            Err(_why) => return Err(refused(&facts, &hints)),
        };
        for process in processes {
            let outcome = stop(process, GRACE);
            match &outcome {
                Ok(_) | Err(StopError::Gone) => {
                    let (did, end) = (stopping(process, lang), stopped(&outcome, lang));
                    tracing::info!(target: "carafe", "{did}: {end}");
                }
                Err(error) => {
                    hints.insert(0, not_stopped(&error.describe(lang), lang));
                    return Err(refused(&facts, &hints));
                }
            }
        }
        Ok(())
    }

    fn hints(&self, busy: &Busy) -> Vec<String> {
        hints(busy, busy.can_hand_over() && !self.options.by_tool, self.lang)
    }

    /// What to say when the port was taken again each time.
    pub(super) fn lost(&self, port: Port) -> RunError {
        let (reason, hint) = match self.lang {
            Lang::Korean => (
                format!("{port}번 포트를 비울 때마다 다른 프로그램이 다시 차지합니다"),
                "그 프로그램을 다시 시작시키는 서비스를 먼저 멈춰야 합니다",
            ),
            _ => (
                format!("whenever port {port} is freed, another program takes it again"),
                "first stop the service that starts that program anew",
            ),
        };
        refused(&reason, &[hint.to_owned()])
    }
}

fn stopping(process: &Process, lang: Lang) -> String {
    let name = in_short(process);
    match lang {
        Lang::Korean => format!("{name} 프로그램을 종료합니다"),
        _ => format!("stopping {name}"),
    }
}

fn stopped(outcome: &Result<Stopped, StopError>, lang: Lang) -> String {
    match outcome {
        Ok(Stopped::OnKill) => lang.pick(
            "it did not end when it was asked to, and was killed",
            "요청에 응하지 않아 강제로 종료했습니다",
        ),
        Ok(_) => lang.pick("it has ended", "종료되었습니다"),
        Err(error) => return not_stopped(&error.describe(lang), lang),
    }
    .to_owned()
}

fn not_stopped(why: &str, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("여기서 종료할 수 없습니다: {why}"),
        _ => format!("it is not stopped from here: {why}"),
    }
}

fn lang_quit(port: u16, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("시작하지 않았습니다: {port}번 포트가 사용 중입니다"),
        _ => format!("not started: port {port} is taken"),
    }
}

/// "`python3` (pid 4211)"
pub(super) fn in_short(process: &Process) -> String {
    // Its program chose the name: nothing in it may steer the terminal.
    let name: String = process.name.chars().filter(|c| !c.is_control()).collect();
    format!("`{name}` (pid {})", process.pid)
}

/// The exact commands for whoever cannot be asked.
fn hints(busy: &Busy, hands_over: bool, lang: Lang) -> Vec<String> {
    let mut hints = Vec::new();
    if busy.time_wait > 0 {
        let wait = lang.pick("wait a minute, then start it again", "1분 뒤에 다시 시작하십시오");
        hints.push(wait.to_owned());
    }
    if let Some(next) = busy.next {
        let use_next = lang.pick("use the next free port", "다음 빈 포트를 쓰려면");
        hints.push(format!("{use_next}: `{}`", again::with_port(next)));
    }
    let use_any = lang.pick("use whichever port is free", "아무 빈 포트나 쓰려면");
    hints.push(format!("{use_any}: `{}`", again::with_port("auto")));
    if hands_over {
        let words =
            lang.pick("take it over, with no request lost", "요청을 잃지 않고 넘겨받으려면");
        hints.push(format!("{words}: `{}`", again::with_flag("--take-over")));
    }
    match busy.stoppable() {
        Ok(processes) => {
            let take = match processes.len() {
                1 => lang.pick(
                    "stop that program and take its port",
                    "그 프로그램을 종료하고 그 포트를 쓰려면",
                ),
                _ => lang.pick(
                    "stop those programs and take their port",
                    "그 프로그램들을 종료하고 그 포트를 쓰려면",
                ),
            };
            hints.push(format!("{take}: `{}`", again::with_flag("--take-port")));
            let only = match processes.len() {
                1 => lang.pick("only stop it", "종료만 하려면"),
                _ => lang.pick("only stop them", "종료만 하려면"),
            };
            let or = lang.pick("or", "또는");
            let kill: Vec<String> = processes.iter().map(|process| kill_command(process)).collect();
            hints.push(format!(
                "{only}: `carafe ports stop {}` {or} `{}`",
                busy.port,
                kill.join("; ")
            ));
        }
        Err(Some(why)) => hints.push(not_stopped(why.reason(lang), lang)),
        Err(None) => {}
    }
    hints
}

/// A process that is suspended gets to hear of its end only when it is woken.
fn kill_command(process: &Process) -> String {
    let pid = process.pid;
    match process.suspended {
        _ if cfg!(windows) => format!("taskkill /PID {pid} /F"),
        true => format!("kill {pid}; kill -CONT {pid}"),
        false => format!("kill {pid}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn who_is_suspended_is_woken_to_end_and_hands_nothing_on() {
        let check = |suspended: bool, command: &str| {
            let process = Process { pid: 7, suspended, ..Process::default() };
            assert_eq!(kill_command(&process), command);
            let holder = Holder {
                address: ([127, 0, 0, 1], 8000).into(),
                kind: HolderKind::ThisProgram,
                uid: 0,
                user: "root".to_owned(),
                process: Some(process),
            };
            let holders = vec![holder];
            let busy = Busy { port: 8000, holders, time_wait: 0, split: false, next: None };
            assert_eq!(busy.can_hand_over(), !suspended);
        };
        check(false, "kill 7");
        check(true, "kill 7; kill -CONT 7");
    }

    #[test]
    fn who_is_in_the_way() {
        let check = |theirs: &str, ours: &[&str], concerned: bool, in_the_way: bool| {
            let theirs: IpAddr = theirs.parse().unwrap();
            let ours: Vec<IpAddr> = ours.iter().map(|ip| ip.parse().unwrap()).collect();
            assert_eq!(concerns(theirs, &ours), concerned, "{theirs} {ours:?}");
            assert_eq!(is_in_the_way(theirs, &ours), in_the_way, "{theirs} {ours:?}");
        };
        check("127.0.0.1", &["127.0.0.1", "::1"], true, true);
        check("0.0.0.0", &["127.0.0.1"], true, true);
        check("::", &["127.0.0.1"], true, true);
        check("::1", &["127.0.0.1"], true, false);
        check("::1", &["0.0.0.0"], true, false);
        check("0.0.0.0", &["::1"], true, false);
        check("192.0.2.1", &["0.0.0.0"], true, true);
        check("192.0.2.1", &["::"], true, true);
        check("192.0.2.1", &["127.0.0.1", "::1"], false, false);
        check("127.0.0.1", &["192.0.2.1"], false, false);
    }

    fn busy(time_wait: usize) -> Busy {
        Busy { port: 8000, holders: Vec::new(), time_wait, split: false, next: Some(8001) }
    }

    #[test]
    fn nobody_is_seen() {
        let check = |time_wait: usize, lang: Lang, wanted: &str| {
            assert_eq!(busy(time_wait).facts(lang), wanted);
            assert!(matches!(busy(time_wait).stoppable(), Err(None)));
        };
        check(
            0,
            Lang::English,
            "port 8000 is taken, and no program is seen that listens on it:\n\
             a connection to elsewhere began at this number, or a program holds it without listening yet",
        );
        check(
            1,
            Lang::English,
            "port 8000 is not free yet: no program listens on it, but a connection that has ended still \
             keeps it (TIME_WAIT);\nafter a minute at most it is free",
        );
        check(
            2,
            Lang::Korean,
            "8000번 포트에서 연결을 기다리는 프로그램은 없지만, 끝난 연결 2개가 아직 이 포트를 잡고 있습니다(TIME_WAIT).\n\
             늦어도 1분 뒤에는 풀립니다",
        );
    }
}
