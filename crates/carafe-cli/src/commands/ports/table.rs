//! The table of all listening sockets.

use std::process::ExitCode;

use carafe_net::{Holder, HolderKind, Lang, age, columns, my_uid, printable, service_name};

use crate::output;

/// What is not known.
const NOTHING: &str = "-";

/// Prints a line for each socket. What this user may not see is said beside it.
pub(super) fn print(found: &[Holder], lang: Lang) -> ExitCode {
    if found.is_empty() {
        output::say(
            lang.pick("nothing listens on this computer", "이 컴퓨터에는 열린 포트가 없습니다"),
        );
        return ExitCode::SUCCESS;
    }
    let code = output::print(&text(found, lang));
    let unseen = found.iter().filter(|holder| holder.process.is_none()).count();
    if unseen > 0 && my_uid() != 0 && cfg!(unix) {
        output::say(&match lang {
            Lang::Korean => format!(
                "\n{unseen}개 포트의 프로그램은 볼 수 없습니다. `sudo carafe ports`로 볼 수 있습니다"
            ),
            _ if unseen == 1 => {
                "\nthe program of 1 cannot be seen; `sudo carafe ports` names it".to_owned()
            }
            _ => {
                format!("\nthe programs of {unseen} cannot be seen; `sudo carafe ports` names them")
            }
        });
    }
    code
}

fn text(found: &[Holder], lang: Lang) -> String {
    let apps = found.iter().any(|holder| matches!(holder.kind, HolderKind::CarafeApp(_)));
    let mut head = lang.pick(
        vec!["Port", "Address", "Program", "Pid", "User", "Age", "Usual service"],
        vec!["포트", "주소", "프로그램", "Pid", "사용자", "실행 시간", "흔한 서비스"],
    );
    if apps {
        head.push(lang.pick("Carafe app", "Carafe 앱"));
    }
    let head = head.into_iter().map(str::to_owned).collect();
    let rows = found.iter().map(|holder| cells(holder, apps, lang)).collect();
    aligned(head, rows)
}

fn cells(holder: &Holder, apps: bool, lang: Lang) -> Vec<String> {
    let process = holder.process.as_ref();
    let port = holder.address.port();
    let mut cells = vec![
        port.to_string(),
        holder.address.ip().to_string(),
        process.map_or(NOTHING.to_owned(), |process| printable(&process.name)),
        process.map_or(NOTHING.to_owned(), |process| process.pid.to_string()),
        printable(process.map_or(&holder.user, |process| &process.user)),
        process.and_then(|process| process.age).map_or(NOTHING.to_owned(), |time| age(time, lang)),
        service_name(port).unwrap_or(NOTHING).to_owned(),
    ];
    if apps {
        cells.push(match &holder.kind {
            HolderKind::CarafeApp(name) => printable(name),
            _ => String::new(),
        });
    }
    cells
}

/// Columns as wide as their widest cell, below their heads and a line.
fn aligned(head: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let width = |at: usize| {
        let cells = rows.iter().chain([&head]).filter_map(|row| row.get(at));
        cells.map(|cell| columns(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let dashes = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut text = String::new();
    for row in [head, dashes].into_iter().chain(rows) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - columns(cell) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use carafe_net::Process;

    use super::*;

    #[test]
    fn a_table_in_both_languages() {
        let seen = |address: &str, kind, name: &str| Holder {
            address: address.parse().unwrap(),
            kind,
            process: Some(Process {
                pid: 4211,
                name: name.to_owned(),
                user: "ann".to_owned(),
                age: Some(std::time::Duration::from_secs(200)),
                ..Process::default()
            }),
            uid: 1000,
            user: "ann".to_owned(),
        };
        let unseen = Holder {
            kind: HolderKind::OtherUser,
            process: None,
            uid: 0,
            user: "root".to_owned(),
            ..seen("0.0.0.0:22", HolderKind::Program, "")
        };
        let shop = HolderKind::CarafeApp("shop".to_owned());
        let mut found = vec![unseen, seen("[::1]:8000", HolderKind::Program, "python3")];
        assert_eq!(
            text(&found, Lang::English),
            "\
Port  Address  Program  Pid   User  Age        Usual service
----  -------  -------  ----  ----  ---------  ---------------
22    0.0.0.0  -        -     root  -          ssh
8000  ::1      python3  4211  ann   3 minutes  web development
"
        );
        found.push(seen("127.0.0.1:8001", shop, "shop"));
        assert_eq!(
            text(&found, Lang::Korean),
            "\
포트  주소       프로그램  Pid   사용자  실행 시간  흔한 서비스      Carafe 앱
----  ---------  --------  ----  ------  ---------  ---------------  ---------
22    0.0.0.0    -         -     root    -          ssh
8000  ::1        python3   4211  ann     3분        web development
8001  127.0.0.1  shop      4211  ann     3분        -                shop
"
        );
    }
}
