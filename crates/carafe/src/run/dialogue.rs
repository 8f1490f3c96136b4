//! The talk about a port that is taken, with whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use carafe_net::{Lang, Process};

use super::busy::{Busy, in_short};

/// How often an answer that means nothing is asked for again.
const TRIES: usize = 3;

/// What was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// This port, which is free.
    Next(u16),
    /// End the programs that have the port.
    Stop,
    /// Give up.
    Quit,
}

/// Whether somebody can be asked: what is said is seen, and what is typed comes here.
pub(super) fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Tells who has the port and asks what to do.
///
/// # Errors
/// When the terminal cannot be read or written.
pub(super) fn ask(busy: &Busy, lang: Lang) -> io::Result<Answer> {
    talk(&mut io::stdin().lock(), &mut io::stderr().lock(), busy, lang)
}

/// Says a line.
pub(super) fn say(words: &str) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}

fn talk(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    busy: &Busy,
    lang: Lang,
) -> io::Result<Answer> {
    let stoppable = busy.stoppable();
    let mut keys = Vec::new();
    let mut text = format!("\n{}\n\n", busy.facts(lang));
    if let Some(port) = busy.next {
        keys.push("n");
        text.push_str(&format!("  n  {}\n", next(port, lang)));
    }
    if let Ok(processes) = &stoppable {
        keys.push("s");
        text.push_str(&format!("  s  {}\n", stop(processes, busy.port, lang)));
    }
    keys.push("q");
    text.push_str(&format!("  q  {}\n", lang.pick("quit", "그만두기")));
    if let Err(Some(why)) = stoppable {
        let line = match lang {
            Lang::Korean => format!("여기서 종료할 수 없습니다: {}", why.reason(lang)),
            _ => format!("it is not stopped from here: {}", why.reason(lang)),
        };
        text.push_str(&format!("\n{line}\n"));
    }
    writeln!(output, "{text}")?;
    for _ in 0..TRIES {
        write!(output, "{}", question(&keys, lang))?;
        output.flush()?;
        match key(input)? {
            None => {
                // The cursor stands behind the question.
                writeln!(output)?;
                return Ok(Answer::Quit);
            }
            Some('q') => return Ok(Answer::Quit),
            Some('s') if stoppable.is_ok() => return Ok(Answer::Stop),
            Some('n') if busy.next.is_some() => return Ok(Answer::Next(busy.next.unwrap_or(0))),
            Some(_) => {}
        }
    }
    Ok(Answer::Quit)
}

/// The key of the next line, `None` at the end. The keys of the Korean layout count as the Latin
/// letters on them, whole words as their first letter.
fn key(input: &mut dyn BufRead) -> io::Result<Option<char>> {
    let mut line = Vec::new();
    if input.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    let line = String::from_utf8_lossy(&line).trim().to_lowercase();
    Ok(Some(match line.as_str() {
        "n" | "next" | "ㅜ" => 'n',
        "s" | "stop" | "ㄴ" => 's',
        "q" | "quit" | "ㅂ" => 'q',
        _ => '?',
    }))
}

fn next(port: u16, lang: Lang) -> String {
    match lang {
        Lang::Korean => format!("다음 빈 포트인 {port}번 쓰기"),
        _ => format!("use the next free port, {port}"),
    }
}

fn stop(processes: &[&Process], port: u16, lang: Lang) -> String {
    let names: Vec<String> = processes.iter().map(|process| in_short(process)).collect();
    match lang {
        Lang::Korean => {
            format!("{} 프로그램을 종료하고 {port}번 포트 쓰기", names.join(", "))
        }
        _ => format!("stop {}, then use port {port}", names.join(" and ")),
    }
}

/// "n, s or q? "
fn question(keys: &[&str], lang: Lang) -> String {
    let (last, others) = keys.split_last().unwrap_or((&"q", &[]));
    match (others.is_empty(), lang) {
        (true, Lang::Korean) => format!("{last}을(를) 입력하십시오: "),
        (true, _) => format!("{last}? "),
        (false, Lang::Korean) => {
            format!("{}, {last} 가운데 하나를 입력하십시오: ", others.join(", "))
        }
        (false, _) => format!("{} or {last}? ", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use carafe_net::{Holder, HolderKind};

    use super::*;

    fn busy(pid: u32, uid: u32, next: Option<u16>) -> Busy {
        let process = Process {
            pid,
            name: "python3".to_owned(),
            command: vec!["python3".to_owned(), "-m".to_owned(), "http.server".to_owned()],
            folder: Some("/srv/site".into()),
            uid,
            user: "ann".to_owned(),
            ..Process::default()
        };
        let holder = Holder {
            address: ([127, 0, 0, 1], 8000).into(),
            kind: HolderKind::Program,
            process: Some(process),
            uid,
            user: "ann".to_owned(),
        };
        Busy { port: 8000, holders: vec![holder], time_wait: 0, split: false, next }
    }

    fn talked(busy: &Busy, typed: &str, lang: Lang) -> (Answer, String) {
        let mut said = Vec::new();
        let answer = talk(&mut typed.as_bytes(), &mut said, busy, lang).unwrap();
        (answer, String::from_utf8(said).unwrap())
    }

    #[test]
    fn answers() {
        let ours = busy(4211, carafe_net::my_uid(), Some(8001));
        let check = |busy: &Busy, typed: &str, wanted: Answer| {
            assert_eq!(talked(busy, typed, Lang::English).0, wanted, "{typed:?}");
        };
        check(&ours, "n\n", Answer::Next(8001));
        check(&ours, " Next \n", Answer::Next(8001));
        check(&ours, "ㅜ\n", Answer::Next(8001));
        check(&ours, "s\n", Answer::Stop);
        check(&ours, "ㄴ\n", Answer::Stop);
        check(&ours, "q\n", Answer::Quit);
        check(&ours, "", Answer::Quit);
        check(&ours, "\n\nn\n", Answer::Next(8001));
        check(&ours, "\n\n\nn\n", Answer::Quit);
        check(&ours, "what\n", Answer::Quit);
        check(&ours, "n", Answer::Next(8001));
        let theirs = busy(4211, carafe_net::my_uid() + 1, None);
        check(&theirs, "s\nn\nq\n", Answer::Quit);
        let init = busy(1, carafe_net::my_uid(), Some(8001));
        check(&init, "s\nn\n", Answer::Next(8001));
    }

    #[test]
    fn what_is_said() {
        let check = |busy: &Busy, typed: &str, lang: Lang, wanted: &str| {
            assert_eq!(talked(busy, typed, lang).1, wanted);
        };
        let ours = busy(4211, carafe_net::my_uid(), Some(8001));
        check(
            &ours,
            "x\nq\n",
            Lang::English,
            "\nport 8000 is taken by `python3` (pid 4211, user ann)\n\
             \x20 command  python3 -m http.server\n\
             \x20 folder   /srv/site\n\
             \x20 address  127.0.0.1:8000 (this computer only)\n\n\
             \x20 n  use the next free port, 8001\n\
             \x20 s  stop `python3` (pid 4211), then use port 8000\n\
             \x20 q  quit\n\n\
             n, s or q? n, s or q? ",
        );
        let (_, said) = talked(&ours, "x\nx\nx\nx\n", Lang::English);
        assert_eq!(said.matches("n, s or q? ").count(), TRIES, "{said}");
        check(
            &ours,
            "",
            Lang::Korean,
            "\n8000번 포트는 `python3`(pid 4211, 사용자 ann) 프로그램이 쓰고 있습니다\n\
             \x20 명령  python3 -m http.server\n\
             \x20 폴더  /srv/site\n\
             \x20 주소  127.0.0.1:8000 (이 컴퓨터만)\n\n\
             \x20 n  다음 빈 포트인 8001번 쓰기\n\
             \x20 s  `python3` (pid 4211) 프로그램을 종료하고 8000번 포트 쓰기\n\
             \x20 q  그만두기\n\n\
             n, s, q 가운데 하나를 입력하십시오: \n",
        );
        let init = busy(1, carafe_net::my_uid(), None);
        let said = talked(&init, "q\n", Lang::English).1;
        assert!(
            said.ends_with(
                "  q  quit\n\nit is not stopped from here: process 1 keeps the whole system running\n\nq? "
            ),
            "{said}"
        );
    }
}
