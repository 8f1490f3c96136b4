//! `carafe ports stop`: shows who holds a port, asks, and ends it.

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use carafe_net::{
    Holder, Lang, Process, StopError, Stopped, System, WhyNot, age, describe_all, holders,
    listening_on, printable, process, stop,
};

use super::unreadable;
use crate::output::{ask, can_ask, complain, say};

/// How long what shared a port with its program may take to end with it.
const CHILDREN: Duration = Duration::from_secs(2);

/// A program that holds the port.
struct Program {
    process: Process,
    /// Processes that hold the same socket, such as its workers: they nearly always end with it.
    sharers: Vec<Process>,
}

/// Frees the port, if its holders may be ended and the user says yes, or has said so already.
pub(super) fn run(port: u16, yes: bool, grace: Duration, lang: Lang) -> ExitCode {
    let (found, programs) = match seen(port) {
        Ok(seen) => seen,
        Err(error) => return unreadable(&error, lang),
    };
    if found.is_empty() {
        say(&free_already(port, lang));
        return ExitCode::SUCCESS;
    }
    say(&describe_all(&found, lang));
    if let Some((holder, why)) = found.iter().find_map(|one| Some((one, one.may_stop().err()?))) {
        return complain(&refusal(holder, why, lang));
    }
    if !yes && !can_ask() {
        return complain(&nobody_to_ask(port, &programs, lang));
    }
    for program in &programs {
        if !yes && !ask(&question(program, lang)) {
            return complain(lang.pick("nothing was stopped", "아무것도 종료하지 않았습니다"));
        }
        if let Err(words) = end(program, grace, lang) {
            return complain(&words);
        }
    }
    match holders(&System::this(), port) {
        Ok(left) if left.is_empty() => ExitCode::SUCCESS,
        Ok(left) => complain(&taken_again(&left, lang)),
        Err(error) => unreadable(&error, lang),
    }
}

/// The port's holders, and their programs, each once however many addresses it has.
fn seen(port: u16) -> io::Result<(Vec<Holder>, Vec<Program>)> {
    let system = System::this();
    let found = holders(&system, port)?;
    let pids: Vec<u32> =
        listening_on(&system, port)?.into_iter().flat_map(|socket| socket.pids).collect();
    let mut processes: Vec<Process> = Vec::new();
    for process in found.iter().filter_map(|holder| holder.process.as_ref()) {
        if processes.iter().all(|other| other.pid != process.pid) {
            processes.push(process.clone());
        }
    }
    let mut sharers: Vec<Process> = Vec::new();
    for pid in pids {
        if processes.iter().chain(&sharers).all(|other| other.pid != pid) {
            sharers.extend(process(&system, pid));
        }
    }
    let mut programs: Vec<Program> =
        processes.into_iter().map(|process| Program { process, sharers: Vec::new() }).collect();
    // With several programs on one port it does not matter whose they are: all are asked about.
    if let Some(first) = programs.first_mut() {
        first.sharers = sharers;
    }
    Ok((found, programs))
}

/// Ends a program, and what shared the port with it and outlives it; says what it did, or gives
/// the words for why not.
fn end(program: &Program, grace: Duration, lang: Lang) -> Result<(), String> {
    end_one(&program.process, grace, lang)?;
    let deadline = Instant::now() + CHILDREN;
    let is_there = |one: &&Process| {
        process(&System::this(), one.pid)
            .is_some_and(|now| now.start == one.start && !now.command.is_empty())
    };
    while program.sharers.iter().any(|one| is_there(&one)) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    program.sharers.iter().filter(is_there).try_for_each(|one| end_one(one, grace, lang))
}

fn end_one(program: &Process, grace: Duration, lang: Lang) -> Result<(), String> {
    let failed = |error: StopError| {
        let (name, why) = (named(program, lang), error.describe(lang));
        match lang {
            Lang::Korean => format!("{name} 프로그램을 종료하지 못했습니다: {why}"),
            _ => format!("{name} was not stopped: {why}"),
        }
    };
    match stop(program, grace) {
        Ok(how) => say(&stopped(program, how, grace, lang)),
        // What we wanted.
        Err(StopError::Gone) => {}
        Err(error) => return Err(failed(error)),
    }
    Ok(())
}

fn named(program: &Process, lang: Lang) -> String {
    let space = lang.pick(" ", "");
    format!("`{}`{space}(pid {})", printable(&program.name), program.pid)
}

fn free_already(port: u16, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("{port}번 포트는 이미 비어 있습니다"),
        _ => format!("port {port} is free already"),
    }
}

fn question(program: &Program, lang: Lang) -> String {
    let name = named(&program.process, lang);
    match (program.sharers.len(), lang) {
        (0, Lang::Korean) => format!("{name} 프로그램을 종료할까요? [y/N]"),
        (0, _) => format!("stop {name}? [y/N]"),
        (count, Lang::Korean) => {
            format!("{name} 프로그램과 포트를 함께 쓰는 프로세스 {count}개를 종료할까요? [y/N]")
        }
        (1, _) => format!("stop {name} and 1 process that shares the port? [y/N]"),
        (count, _) => format!("stop {name} and {count} processes that share the port? [y/N]"),
    }
}

fn stopped(program: &Process, how: Stopped, grace: Duration, lang: Lang) -> String {
    let (name, time) = (named(program, lang), age(grace, lang));
    match (how, lang) {
        (Stopped::OnKill, Lang::Korean) => {
            format!("{name} 프로그램이 {time} 안에 끝나지 않아서 강제로 종료했습니다")
        }
        (Stopped::OnKill, _) => {
            format!("{name} did not end within {time} and was ended by force")
        }
        (_, Lang::Korean) => format!("{name} 프로그램을 종료했습니다"),
        _ => format!("stopped {name}"),
    }
}

/// Why nothing is ended here, and what would.
fn refusal(holder: &Holder, why: WhyNot, lang: Lang) -> String {
    let port = holder.address.port();
    let reason = why.reason(lang);
    let mut words = match lang {
        Lang::Korean => format!("{port}번 포트를 비우지 않았습니다: {reason}"),
        _ => format!("port {port} was not freed: {reason}"),
    };
    let way = match why {
        // `sudo` where there is one; it is what they would type.
        WhyNot::OtherUser if cfg!(unix) => {
            let user = holder.process.as_ref().map_or(&holder.user, |process| &process.user);
            let user = match user.as_str() {
                "root" => String::new(),
                user => format!("-u {} ", printable(user)),
            };
            Some(format!("`sudo {user}carafe ports stop {port}`"))
        }
        WhyNot::Init => Some("`systemctl list-sockets`".to_owned()),
        _ => None,
    };
    if let Some(way) = way {
        words.push_str(&format!("\n\nhint: {way}"));
    }
    words
}

fn nobody_to_ask(port: u16, programs: &[Program], lang: Lang) -> String {
    let pids: Vec<String> = programs.iter().map(|one| one.process.pid.to_string()).collect();
    let kill = match cfg!(windows) {
        true => format!("taskkill /F /PID {}", pids.join(" /PID ")),
        false => format!("kill {}", pids.join(" ")),
    };
    let words = lang.pick(
        "there is no terminal to ask at, so nothing was stopped",
        "물어볼 터미널이 없어서 아무것도 종료하지 않았습니다",
    );
    format!("{words}\n\nhint: `carafe ports stop {port} --yes`\nhint: `{kill}`")
}

/// Who holds the port now that its holder has ended.
fn taken_again(left: &[Holder], lang: Lang) -> String {
    let words = lang.pick(
        "the program has ended, and another one has the port now",
        "프로그램을 종료했지만 지금은 다른 프로그램이 포트를 쓰고 있습니다",
    );
    let mut text = format!("{words}\n{}", describe_all(left, lang));
    let pid = left.iter().find_map(|holder| Some(holder.process.as_ref()?.pid));
    if let Some(pid) = pid
        && Path::new("/run/systemd/system").exists()
    {
        text.push_str(&format!("\n\nhint: `systemctl status {pid}` names what starts it"));
    }
    text
}
