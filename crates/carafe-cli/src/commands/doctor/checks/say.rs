//! Words that several checks use.

use std::fmt::Display;
use std::net::{IpAddr, SocketAddr};

use carafe_net::{AddressKind, Holder, HolderKind, Lang, Process};

use super::super::facts::Facts;
use super::super::facts::apps::App;
use super::super::facts::probe::{Outcome, printable};
use super::super::finding::Mend;
use super::super::question::{Client, Question, origin};
use super::proxy::PROXIES;

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list<T: Display>(items: &[T], lang: Lang) -> String {
    let words: Vec<String> = items.iter().map(T::to_string).collect();
    match (lang, words.as_slice()) {
        (Lang::English, [most @ .., last]) if !most.is_empty() => {
            format!("{} and {last}", most.join(", "))
        }
        _ => words.join(", "),
    }
}

/// ``` `guestbook` (pid 4711, user ann)```
pub(super) fn who(holder: &Holder, lang: Lang) -> String {
    let Some(process) = &holder.process else {
        let user = printable(&holder.user);
        return match (holder.kind == HolderKind::OtherUser, lang) {
            (true, Lang::English) => format!("a program of the user `{user}`"),
            (true, _) => format!("사용자 `{user}`의 프로그램"),
            (false, Lang::English) => "a program that cannot be seen from here".to_owned(),
            (false, _) => "여기서는 볼 수 없는 프로그램".to_owned(),
        };
    };
    let name = match &holder.kind {
        HolderKind::CarafeApp(app) => printable(app),
        _ => printable(&process.name),
    };
    let user = printable(&process.user);
    match lang {
        Lang::English => format!("`{name}` (pid {}, user {user})", process.pid),
        _ => format!("`{name}`(pid {}, 사용자 {user}) 프로그램", process.pid),
    }
}

/// ``` the app `shop` (pid 4711)```
pub(super) fn app(app: &App, lang: Lang) -> String {
    match lang {
        Lang::English => format!("the app `{}` (pid {})", app.name, app.pid),
        _ => format!("`{}` 앱(pid {})", app.name, app.pid),
    }
}

/// What came back, in a few words.
pub(super) fn outcome(outcome: &Outcome, lang: Lang) -> String {
    match outcome {
        Outcome::Answer(answer) if answer.reason.is_empty() => answer.status.to_string(),
        Outcome::Answer(answer) => format!("{} {}", answer.status, answer.reason),
        Outcome::Tls => "TLS".to_owned(),
        Outcome::NotHttp(text) => match lang {
            Lang::English => format!("not HTTP: `{text}`"),
            _ => format!("HTTP가 아닌 응답: `{text}`"),
        },
        Outcome::Closed => {
            lang.pick("hangs up without a word", "아무 말 없이 연결을 끊음").to_owned()
        }
        Outcome::Silent => lang.pick("no answer within a second", "1초 안에 응답 없음").to_owned(),
        Outcome::Refused => lang.pick("nothing listens there", "기다리는 프로그램 없음").to_owned(),
        Outcome::Lost => {
            lang.pick("no connection within a second", "1초 안에 연결되지 않음").to_owned()
        }
        Outcome::Failed(why) => printable(why),
    }
}

/// Who opens the URL: `from the same network`.
pub(in super::super) fn from(question: &Question, lang: Lang) -> String {
    let public = |address| AddressKind::of(address) == AddressKind::Public;
    match (question.client, lang) {
        (Client::Network, _) if question.address().is_some_and(public) => {
            lang.pick("from the internet", "인터넷에서").to_owned()
        }
        (Client::ThisMachine, _) => lang.pick("from this computer", "이 컴퓨터에서").to_owned(),
        (Client::Network, _) => lang.pick("from the same network", "같은 네트워크에서").to_owned(),
        (Client::At(address), Lang::English) => format!("from {address}"),
        (Client::At(address), _) => format!("{address}에서"),
    }
}

/// The command that starts the holder's program again so that it listens more widely. `option` is
/// what Carafe apps take: `--host lan`. `None` for a proxy, which says it in its configuration.
pub(super) fn again(facts: &Facts, option: &str) -> Option<Mend> {
    let process = process(facts).filter(|process| !process.command.is_empty());
    let Some(process) = process else {
        return Some(Mend::Run(format!("cargo run -- {option}")));
    };
    let is_proxy = PROXIES.contains(&process.name.as_str());
    (!is_proxy).then(|| Mend::Run(restart(process, facts.app().is_some(), option)))
}

/// The process of the first who listens on the port.
pub(super) fn process(facts: &Facts) -> Option<&Process> {
    facts.holders.as_deref().ok()?.iter().find_map(|holder| holder.process.as_ref())
}

/// Words as a shell reads them, each as one.
pub(super) fn command_line<T: AsRef<str>>(words: &[T]) -> String {
    words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// A word that a shell takes as it stands.
pub(super) fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&byte);
    let word: String = word.chars().filter(|letter| !letter.is_control()).collect();
    match !word.is_empty() && word.bytes().all(plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

fn restart(process: &Process, is_carafe: bool, option: &str) -> String {
    let mut words: Vec<&str> = process.command.iter().map(String::as_str).collect();
    // The old host would stay in force beside the new one.
    while let Some(at) = words.iter().position(|word| *word == "--host" || *word == "--bind") {
        words.drain(at..(at + 2).min(words.len()));
    }
    words.retain(|word| !word.starts_with("--host=") && !word.starts_with("--bind="));
    let line = command_line(&words);
    if is_carafe {
        return format!("{line} {option}");
    }
    // Programs that call it otherwise; `--host` is what most servers for development say.
    let binds = ["http.server", "gunicorn", "hypercorn"].iter().any(|word| line.contains(word));
    let hosts = if option.contains("localhost") { "localhost" } else { "0.0.0.0" };
    if binds { format!("{line} --bind {hosts}") } else { format!("{line} --host {hosts}") }
}

/// `http://192.168.1.20:8000`, with the question's scheme and port.
pub(super) fn url(facts: &Facts, host: &str) -> String {
    origin(facts.question.scheme, host, facts.question.port)
}

/// The socket addresses without their port.
pub(super) fn ips(addresses: &[SocketAddr]) -> Vec<IpAddr> {
    let mut found: Vec<IpAddr> = Vec::new();
    for address in addresses {
        if !found.contains(&address.ip()) {
            found.push(address.ip());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted() {
        let check = |word: &str, want: &str| assert_eq!(quoted(word), want);
        check("target/debug/shop", "target/debug/shop");
        check("http://[::1]:8000/a?b=c&d", "'http://[::1]:8000/a?b=c&d'");
        check("my shop", "'my shop'");
        check("it's; rm -rf $HOME", "'it'\\''s; rm -rf $HOME'");
        check("", "''");
        check("a\nb\x1b", "ab");
    }
}
