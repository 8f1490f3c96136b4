//! Over a socket: every server pinned to one core, wrk with 64 connections on the other, turns of a
//! second, medians of them.

use std::process::Command;

use super::servers::{SERVERS, TARGETS};
use super::{median, times};
use crate::callgrind::Server;
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;

/// Turns of each server with each target, unless the user says otherwise.
pub(super) const TURNS: usize = 15;
const SERVER_CORE: &str = "0";
const CLIENT_CORE: &str = "1";
/// One server's turns with one target.
#[derive(Default, Clone)]
struct Turns {
    per_second: Vec<f64>,
    /// Microseconds of the server's CPU per request.
    cpu: Vec<f64>,
    /// CPU per request against the first server's in the same round.
    ratio: Vec<f64>,
}

/// Measures every server with every target and prints a table for each target.
pub(super) fn print(workspace: &Workspace, turns: usize) -> Result<()> {
    for program in ["wrk", "taskset"] {
        if process::find(program).is_none() {
            return Err(Error::new(format!("`{program}` is not installed"))
                .hint("on Debian: `apt-get install wrk util-linux`"));
        }
    }
    let mut running = Vec::new();
    for server in &SERVERS {
        let mut command = Command::new("taskset");
        command.args(["-c", SERVER_CORE]).arg(server.build(workspace)?);
        let process = Server::start(command.envs(server.variables()))?;
        let port = process.port()?;
        running.push((server.name, process, port));
    }
    for (name, target) in TARGETS {
        let mut table = vec![Turns::default(); running.len()];
        for turn in 0..=turns {
            // The first one only warms up. Who begins changes, so that nobody always follows the same.
            let mut cpu_of_turn = vec![0.0; running.len()];
            for step in 0..running.len() {
                let at = (turn + step) % running.len();
                let (_, process, port) = &running[at];
                let (per_second, cpu) = measure(process.id(), *port, target)?;
                cpu_of_turn[at] = cpu;
                if turn > 0 {
                    table[at].per_second.push(per_second);
                    table[at].cpu.push(cpu);
                }
            }
            for (row, cpu) in table.iter_mut().zip(&cpu_of_turn).filter(|_| turn > 0) {
                row.ratio.push(cpu / cpu_of_turn[0]);
            }
        }
        println!("\n{name}: `{target}`, {turns} turns\n");
        println!("| server | requests/s | CPU per request, us | against raw hyper | middle half |");
        println!("|---|--:|--:|--:|--:|");
        for ((server, ..), row) in running.iter().zip(table) {
            let (low, high) = middle_half(&row.ratio);
            println!(
                "| {server} | {:.0} | {:.2} | {:.2} | {low:.2}-{high:.2} |",
                median(row.per_second),
                median(row.cpu),
                median(row.ratio),
            );
        }
    }
    running.iter_mut().try_for_each(|(_, process, _)| process.stop().map(drop))
}

fn middle_half(numbers: &[f64]) -> (f64, f64) {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(f64::total_cmp);
    let at = |quarters: usize| {
        let last = numbers.len().saturating_sub(1);
        numbers.get(last * quarters / 4).copied().unwrap_or(0.0)
    };
    (at(1), at(3))
}

/// Requests a second, and microseconds of CPU per request, in one turn.
pub(super) fn measure(process: u32, port: u16, target: &str) -> Result<(f64, f64)> {
    let before = times::of_process(process)?;
    let mut wrk = Command::new("taskset");
    wrk.args(["-c", CLIENT_CORE, "wrk", "-t1", "-c64", "-d1s"]);
    let said = process::output(wrk.arg(format!("http://127.0.0.1:{port}{target}")))?;
    let used = times::of_process(process)? - before;
    let report =
        report_in(&said).ok_or_else(|| Error::new(format!("cannot read what wrk says: {said}")))?;
    Ok((report.per_second, used * 1e6 / report.requests))
}

/// What wrk reports.
#[derive(Debug, PartialEq)]
struct Report {
    requests: f64,
    per_second: f64,
}

/// `None` if a line is missing, or an answer was no success.
fn report_in(text: &str) -> Option<Report> {
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return None;
    }
    let lines = text.lines().map(str::trim);
    let requests = lines.clone().find_map(|line| line.split_once(" requests in ")?.0.parse().ok());
    let mut rates = lines.filter_map(|line| line.strip_prefix("Requests/sec:"));
    Some(Report { requests: requests?, per_second: rates.next()?.trim().parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_wrk() {
        let text = "Running 1s test @ http://127.0.0.1:1/\n  1 threads and 64 connections\n\
                    \x20 93811 requests in 1.01s, 12.35MB read\nRequests/sec:  92881.35\n";
        let report = Report { requests: 93811.0, per_second: 92881.35 };
        assert_eq!(report_in(text), Some(report));
        assert_eq!(report_in(&format!("{text}  Non-2xx or 3xx responses: 3\n")), None);
        assert_eq!(report_in(""), None);
    }
}
