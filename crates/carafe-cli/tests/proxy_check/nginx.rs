//! The real nginx in front of the app, with a configuration as people write it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::parts::{App, Running, certificate, get};
use crate::process::PATIENCE;

/// nginx as this user, on free ports, with these lines where it hands `/app/` on.
struct Nginx {
    _process: Running,
    http: u16,
    https: u16,
}

impl Nginx {
    /// With a site of its own.
    fn start(app: &App, lines: &str) -> Nginx {
        Nginx::start_with(app, |http, https, pem| {
            let address = app.address;
            format!(
                "server {{\nlisten 127.0.0.1:{http};\nlisten 127.0.0.1:{https} ssl;\n\
                 ssl_certificate {pem};\nssl_certificate_key {pem};\n\
                 location /app/ {{\nproxy_pass http://{address}/;\n{lines}\n}}\n}}\n"
            )
        })
    }

    /// With the site that is made from its ports, and a file with a certificate and its key.
    fn start_with(app: &App, site: impl FnOnce(u16, u16, &str) -> String) -> Nginx {
        let folder = app.folder();
        let (http, https) = (free_port(), free_port());
        let site = site(http, https, &certificate(folder));
        let config = format!(
            "daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n\
             events {{}}\nhttp {{\naccess_log off;\nclient_body_temp_path {folder}/a;\n\
             proxy_temp_path {folder}/b;\nfastcgi_temp_path {folder}/c;\nuwsgi_temp_path {folder}/d;\n\
             scgi_temp_path {folder}/e;\n{site}}}\n",
            folder = folder.display(),
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(program());
        command.arg("-c").arg(&file).arg("-p").arg(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = Running(command.spawn().unwrap());
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", https)).is_err() {
            let log = std::fs::read_to_string(folder.join("error.log")).unwrap_or_default();
            assert!(Instant::now() < until, "nginx does not listen: {log}");
            std::thread::yield_now();
        }
        Nginx { _process: process, http, https }
    }
}

/// Debian keeps it out of most users' way.
fn program() -> &'static str {
    if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

const GOOD: &str = "proxy_set_header Host $http_host;\nproxy_set_header X-Forwarded-Host $http_host;\n\
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n\
                    proxy_set_header X-Forwarded-Proto $scheme;\nproxy_set_header X-Forwarded-Prefix /app;";

#[test]
fn https_and_a_prefix() {
    let app = App::start(&["trusted_proxies=loopback"]);
    let nginx = Nginx::start(&app, GOOD);
    let url = format!("https://localhost:{}/app/", nginx.https);
    let (status, text) = app.check(&[&url, "--insecure"], "en");
    assert!(status == 0 && text.ends_with("\nall is right\n"), "{text}");
    let page = get(nginx.http, &format!("localhost:{}", nginx.http), "/app/", "");
    let root = format!("http://localhost:{}/app/", nginx.http);
    assert!(page.ends_with(&format!("127.0.0.1 {root} {root}page/a%20b/ /app/")), "{page}");
}

/// What `carafe proxy nginx` prints stands the check, with nothing added.
#[test]
fn the_printed_configuration() {
    let app = App::start(&["trusted_proxies=127.0.0.1"]);
    let nginx = Nginx::start_with(&app, |http, https, pem| {
        let (http, https, upstream) =
            (http.to_string(), https.to_string(), app.address.to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_carafe"));
        command.args(["proxy", "nginx", "--domain", "localhost", "--prefix", "/app", "--tls"]);
        command.args(["--upstream", &upstream, "--listen", "127.0.0.1", "--listen-port", &http]);
        command.args(["--tls-port", &https, "--certificate", pem, "--key", pem]);
        // Where there is no app to be asked: the one that runs is named by its address.
        let output = command.current_dir(app.folder()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    });
    let url = format!("https://localhost:{}/app/", nginx.https);
    let (status, text) = app.check(&[&url, "--insecure"], "en");
    assert!(status == 0 && text.ends_with("\nall is right\n"), "{text}");
    // http is sent on to https by nginx itself, which is said.
    let url = format!("http://localhost:{}/app/", nginx.http);
    let (status, text) = app.check(&[&url], "en");
    assert!(status == 1 && text.contains("it sends visitors on: check https://"), "{text}");
}

/// nginx on its own: the name of the upstream as `Host`, and whatever a visitor sends.
#[test]
fn a_bare_proxy_pass() {
    let app = App::start(&["trusted_proxies=loopback"]);
    let nginx = Nginx::start(&app, "");
    let url = format!("https://localhost:{}/app/", nginx.https);
    let found = app.verdicts(&[&url, "--insecure"]);
    let found: Vec<(&str, &str)> = found.iter().map(|(name, it)| (name.as_str(), *it)).collect();
    let expected = [
        ("proxy", "ok"),
        ("client", "wrong"),
        ("scheme", "wrong"),
        ("host", "wrong"),
        ("prefix", "wrong"),
        ("forged", "wrong"),
    ];
    assert_eq!(found, expected);
    // The lines that are named are the ones that mend it.
    let (_, text) = app.check(&[&url, "--insecure"], "en");
    let mut lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| line.starts_with("proxy_set_header")).collect();
    lines.sort_unstable();
    lines.dedup();
    drop(nginx);
    let nginx = Nginx::start(&app, &lines.join("\n"));
    let url = format!("https://localhost:{}/app/", nginx.https);
    let (status, text) = app.check(&[&url, "--insecure"], "en");
    assert!(status == 0, "{lines:?}\n{text}");
}

#[test]
fn nginx_without_its_app() {
    let app = App::start(&[]);
    let nginx = Nginx::start(&app, GOOD);
    let url = format!("http://localhost:{}/elsewhere", nginx.http);
    let (status, text) = app.check(&[&url], "en");
    assert!(
        status == 1 && text.contains("answered 404, and the request never reached the app"),
        "{text}"
    );
}
