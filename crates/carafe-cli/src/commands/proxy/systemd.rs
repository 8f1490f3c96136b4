//! `carafe proxy systemd`: a socket and a service, so that systemd listens, starts the app and keeps it.

use std::net::IpAddr;

use carafe_net::Lang;

use super::app::{App, Choice};
use super::page::Page;
use super::site::{listening, longer};
use super::values::{self, Upstream};

/// What the units can be told.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    choice: Choice,
    /// Where the app listens: ADDRESS:PORT, also below 1024, or unix:PATH [config: host, port]
    #[arg(long, value_name = "ADDRESS", value_parser = Upstream::parse)]
    upstream: Option<Upstream>,
    /// The user that the app runs as [default: one that systemd makes while it runs]
    #[arg(long, value_name = "NAME", value_parser = values::account)]
    user: Option<String>,
    /// The group of the web server, which may use a Unix socket
    #[arg(long, value_name = "NAME", default_value = "www-data", value_parser = values::account)]
    group: String,
    /// The folder where the app is installed [default: /srv/NAME]
    #[arg(long, value_name = "FOLDER", value_parser = values::file_path)]
    dir: Option<String>,
    /// Print this file alone
    #[arg(long, value_name = "UNIT")]
    file: Option<File>,
}

/// The files of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum File {
    Socket,
    Service,
}

struct Units {
    app: App,
    upstream: Upstream,
    user: Option<String>,
    group: String,
    dir: String,
}

/// The files, one after the other.
///
/// # Errors
/// When the app cannot be asked.
pub(super) fn write(options: &Options, made_by: &str, lang: Lang) -> Result<String, String> {
    let app = App::find(&options.choice, lang)?;
    let units = Units {
        upstream: address(options.upstream.clone().unwrap_or_else(|| app.settings.upstream()))?,
        user: options.user.clone(),
        group: options.group.clone(),
        dir: options.dir.clone().unwrap_or_else(|| format!("/srv/{}", app.name)),
        app,
    };
    let mut page = Page::new(lang, "");
    let both = options.file.is_none();
    if both {
        install(&mut page, &units, made_by);
    }
    if both || options.file == Some(File::Socket) {
        page.line(&format!("# /etc/systemd/system/{}.socket", units.app.name));
        socket(&mut page, &units);
    }
    if both {
        page.gap();
    }
    if both || options.file == Some(File::Service) {
        page.line(&format!("# /etc/systemd/system/{}.service", units.app.name));
        service(&mut page, &units);
    }
    Ok(page.finish())
}

/// systemd takes addresses only, no names.
fn address(upstream: Upstream) -> Result<Upstream, String> {
    match upstream {
        Upstream::Tcp { host, port } if host == "localhost" => {
            Ok(Upstream::Tcp { host: "127.0.0.1".to_owned(), port })
        }
        Upstream::Tcp { host, .. } if host.trim_matches(['[', ']']).parse::<IpAddr>().is_err() => {
            Err(format!(
                "systemd cannot listen on `{host}`, as it takes addresses only\n\n\
                 hint: `--upstream 127.0.0.1:8000`"
            ))
        }
        upstream => Ok(upstream),
    }
}

fn install(page: &mut Page, units: &Units, made_by: &str) {
    let (name, dir) = (&units.app.name, &units.dir);
    page.title(
        &format!(
            "The app `{name}` under systemd, which listens for it and starts it at {}.",
            units.upstream
        ),
        &format!(
            "systemd가 {}에서 대신 기다리고 앱 `{name}`을(를) 시작하게 하는 설정.",
            units.upstream
        ),
        made_by,
    );
    let number = &mut 0;
    page.step(
        number,
        "Install the program with its carafe.toml; they belong to root, so that the app cannot change itself:",
        "프로그램과 carafe.toml을 설치합니다. 앱이 자기 자신을 바꿀 수 없도록 소유자는 root입니다.",
    );
    page.quote(&format!(
        "cargo build --release && sudo install -D target/release/{name} '{dir}/{name}'"
    ));
    page.quote(&format!("sudo install -m 644 carafe.toml '{dir}/'"));
    page.step(
        number,
        "Make the secret key, which only root can read; systemd hands it to the app:",
        "root만 읽을 수 있는 비밀 키를 만듭니다. systemd가 앱에 전달합니다.",
    );
    page.quote(&format!(
        "echo \"CARAFE_SECRET_KEY=$('{dir}/{name}' secret)\" | sudo install -m 600 /dev/stdin /etc/{name}.env"
    ));
    start(page, units, made_by, number);
}

/// The steps from the files to a running app, and to its next version.
fn start(page: &mut Page, units: &Units, made_by: &str, number: &mut u8) {
    let (name, dir) = (&units.app.name, &units.dir);
    page.step(
        number,
        "Write the two files below, which `--file socket` and `--file service` print one by one:",
        "아래의 두 파일을 만듭니다. `--file socket`과 `--file service`로 하나씩 출력할 수 있습니다.",
    );
    for file in ["socket", "service"] {
        page.quote(&format!(
            "{made_by} --file {file} | sudo tee /etc/systemd/system/{name}.{file}"
        ));
    }
    page.step(number, "Test them, then start:", "검사한 다음 시작합니다.");
    page.quote(&format!("systemd-analyze verify /etc/systemd/system/{name}.service"));
    page.quote(&format!(
        "sudo systemctl daemon-reload && sudo systemctl enable --now {name}.socket {name}.service"
    ));
    page.step(
        number,
        "A new version is put in the old one's place and started beside it; no connection is refused:",
        "새 버전은 예전 프로그램의 자리에 두고 나란히 시작하므로 거절되는 연결이 없습니다.",
    );
    page.quote(&format!(
        "sudo install target/release/{name} '{dir}/{name}' && sudo systemctl reload {name}"
    ));
    page.step(
        number,
        "In the app's carafe.toml, so that it names the address that systemd gives it:",
        "앱의 carafe.toml에 systemd가 넘겨주는 주소를 적어 둡니다.",
    );
    listening(&units.upstream).iter().for_each(|line| page.quote(line));
    page.gap();
}

fn socket(page: &mut Page, units: &Units) {
    let name = &units.app.name;
    page.line("[Unit]");
    page.line(&format!("Description=Where {name} is reached"));
    page.gap();
    page.line("[Socket]");
    match &units.upstream {
        Upstream::Unix(path) => {
            page.line(&format!("ListenStream={path}"));
            page.say(
                "The web server in front may connect, and nobody else.",
                "앞에 있는 웹 서버만 연결할 수 있습니다.",
            );
            page.line(&format!("SocketGroup={}", units.group));
            page.line("SocketMode=0660");
        }
        Upstream::Tcp { host, port } => {
            page.say(
                "systemd opens the port, also one below 1024, so the app needs no rights for it.",
                "포트는 systemd가 엽니다. 1024 미만의 포트라도 앱에는 아무 권한이 필요 없습니다.",
            );
            page.line(&format!("ListenStream={host}:{port}"));
            if host == "127.0.0.1" {
                page.say(
                    "The other loopback too, so that no other program answers on half of `localhost`.",
                    "다른 프로그램이 `localhost`의 절반에서 응답하지 않도록 다른 루프백 주소도 엽니다.",
                );
                page.line(&format!("ListenStream=[::1]:{port}"));
            }
        }
    }
    page.say(
        "How many connections may wait while the app starts.",
        "앱이 시작하는 동안 기다릴 수 있는 연결의 수입니다.",
    );
    page.line("Backlog=1024");
    page.gap();
    page.line("[Install]");
    page.line("WantedBy=sockets.target");
}

fn service(page: &mut Page, units: &Units) {
    let (name, dir) = (&units.app.name, &units.dir);
    page.line("[Unit]");
    page.line(&format!("Description={name}, a Carafe app"));
    page.line(&format!("Requires={name}.socket"));
    page.line(&format!("After={name}.socket network.target"));
    page.gap();
    page.line("[Service]");
    page.say(
        "The app says when it is ready. On a reload (SIGHUP) it starts the new program, which takes the \
         sockets over and says that it is the main process now: NotifyAccess=all lets it.",
        "앱이 준비되면 스스로 알립니다. 다시 읽을 때(SIGHUP) 앱이 새 프로그램을 시작하고, 새 프로그램이 \
         소켓을 넘겨받아 이제 자기가 주 프로세스라고 알립니다. NotifyAccess=all이 이를 허용합니다.",
    );
    page.line("Type=notify");
    page.line("NotifyAccess=all");
    page.line(&format!("ExecStart=\"{dir}/{name}\" run"));
    page.line("ExecReload=/bin/kill -HUP $MAINPID");
    page.say(
        "Requests that are being answered may end (shutdown_timeout), and a little more.",
        "처리 중인 요청이 끝나기를 기다리는 시간(shutdown_timeout)보다 조금 깁니다.",
    );
    page.line(&format!("TimeoutStopSec={}s", longer(units.app.settings.shutdown_timeout)));
    page.line("Restart=on-failure");
    page.line("RestartSec=1s");
    page.gap();
    page.say(
        "carafe.toml and the static files are read here; the secret key comes from a file that only root \
         can read.",
        "carafe.toml과 정적 파일은 여기에서 읽습니다. 비밀 키는 root만 읽을 수 있는 파일에서 옵니다.",
    );
    page.line(&format!("WorkingDirectory={dir}"));
    page.line(&format!("EnvironmentFile=/etc/{name}.env"));
    data(page, units);
    page.say(
        "One descriptor for each connection (max_connections), and some for files.",
        "연결마다 하나씩(max_connections), 그리고 파일에 쓸 디스크립터의 수입니다.",
    );
    page.line(&format!(
        "LimitNOFILE={}",
        units.app.settings.max_connections.saturating_mul(2).max(4096)
    ));
    harden(page);
    page.gap();
    page.line("[Install]");
    page.line("WantedBy=multi-user.target");
}

fn data(page: &mut Page, units: &Units) {
    let name = &units.app.name;
    match &units.user {
        Some(user) => {
            page.say("Who the app is.", "앱을 실행하는 사용자입니다.");
            page.line(&format!("User={user}"));
        }
        None => {
            page.say(
                "A user of its own, which systemd makes while the app runs; there is none to add.",
                "앱이 실행되는 동안 systemd가 만드는 전용 사용자입니다. 따로 추가할 필요가 없습니다.",
            );
            page.line("DynamicUser=yes");
        }
    }
    page.say(
        &format!(
            "The only folder that the app may write to: /var/lib/{name}. Its path is in $STATE_DIRECTORY; \
             databases and uploads belong there."
        ),
        &format!(
            "앱이 쓸 수 있는 유일한 폴더는 /var/lib/{name}이며 경로는 $STATE_DIRECTORY에 있습니다. \
             데이터베이스와 업로드는 여기에 둡니다."
        ),
    );
    page.line(&format!("StateDirectory={name}"));
    page.line("StateDirectoryMode=0700");
}

/// What the app may not do.
fn harden(page: &mut Page) {
    page.gap();
    for (english, korean, lines) in RULES {
        page.say(english, korean);
        lines.iter().for_each(|line| page.line(line));
    }
}

/// Why in both languages, and the lines.
type Rule = (&'static str, &'static str, &'static [&'static str]);

const RULES: &[Rule] = &[
    (
        "Nothing on the disk can be changed but the folder above, and a private /tmp.",
        "위의 폴더와 전용 /tmp 외에는 디스크의 어떤 것도 바꿀 수 없습니다.",
        &["ProtectSystem=strict", "PrivateTmp=yes"],
    ),
    (
        "What belongs to people is not for a web app.",
        "사용자의 홈 폴더는 웹 앱에 보이지 않습니다.",
        &["ProtectHome=yes"],
    ),
    (
        "No rights of root's, not even through a program with the setuid bit.",
        "setuid 프로그램을 통해서도 root의 권한을 얻을 수 없습니다.",
        &["NoNewPrivileges=yes", "CapabilityBoundingSet=", "RestrictSUIDSGID=yes"],
    ),
    (
        "No hardware, no clock, no host name, no kernel settings, modules and log, no control groups.",
        "하드웨어, 시계, 호스트 이름, 커널의 설정·모듈·로그, 제어 그룹을 만질 수 없습니다.",
        &[
            "PrivateDevices=yes",
            "ProtectClock=yes",
            "ProtectHostname=yes",
            "ProtectKernelTunables=yes",
            "ProtectKernelModules=yes",
            "ProtectKernelLogs=yes",
            "ProtectControlGroups=yes",
        ],
    ),
    (
        "Other users' processes are not seen.",
        "다른 사용자의 프로세스는 보이지 않습니다.",
        &["ProtectProc=invisible"],
    ),
    (
        "The internet, Unix sockets, and netlink, by which the app names its addresses; nothing rarer.",
        "인터넷과 Unix 소켓, 그리고 앱이 자기 주소를 알아내는 데 쓰는 netlink만 쓸 수 있습니다.",
        &["RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK"],
    ),
    (
        "Only the system calls of a usual service; a foreign one fails, and the app lives on.",
        "보통 서비스가 쓰는 시스템 호출만 허용하며, 그 밖의 호출은 실패합니다.",
        &[
            "SystemCallArchitectures=native",
            "SystemCallFilter=@system-service",
            "SystemCallFilter=~@privileged @resources",
            "SystemCallErrorNumber=EPERM",
        ],
    ),
    (
        "No memory that is both written and run, as injected code would need.",
        "주입된 코드가 실행될 수 있는, 쓰면서 실행하는 메모리를 금지합니다.",
        &["MemoryDenyWriteExecute=yes"],
    ),
    (
        "No namespaces, real-time priority or other personalities, which no web app asks for.",
        "웹 앱에 필요 없는 네임스페이스, 실시간 우선순위, 다른 실행 환경을 금지합니다.",
        &["RestrictNamespaces=yes", "RestrictRealtime=yes", "LockPersonality=yes", "RemoveIPC=yes"],
    ),
    (
        "What the app writes is its own to read.",
        "앱이 쓴 파일은 앱만 읽을 수 있습니다.",
        &["UMask=0077"],
    ),
];
