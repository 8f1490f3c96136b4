//! What the tool prints. `CARAFE_TOOL_SNAPSHOTS=write` writes the snapshots anew, to be read as prose.

use std::net::TcpListener;
use std::path::Path;

use serde_json::{Value, json};

use crate::parts::{App, Proxy, certificate};

/// Compares with `snapshots/NAME.txt`; what differs from run to run stands there as a name.
fn snapshot(name: &str, app: &App, port: u16, (status, text): (i32, String)) {
    // As long as the ports of a free choice, so that columns stay where they are.
    let text = text
        .replace(&format!(":{}", app.address.port()), ":INNER")
        .replace(&format!(":{port}"), ":PROXY")
        .replace(&format!("pid {}", app.pid()), "pid PID")
        .replace(&format!("\"pid\": {}", app.pid()), "\"pid\": PID");
    let text = format!("{text}--- exit status {status}\n");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxy_check/snapshots");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var("CARAFE_TOOL_SNAPSHOTS").is_ok_and(|word| word == "write") {
        std::fs::write(&file, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, expected, "{name}");
}

/// All that a good proxy sends, which lets nothing of its visitors through.
fn good(app: &App) -> Value {
    json!({
        "upstream": app.address.to_string(),
        "strip": "/app",
        "append_for": true,
        "set": {
            "X-Forwarded-Proto": "$scheme", "X-Forwarded-Host": "$host", "X-Forwarded-Prefix": "/app",
            "Forwarded": null,
        },
    })
}

fn with(mut config: Value, key: &str, value: Value) -> Value {
    config["set"][key] = value;
    config
}

#[test]
fn all_is_right() {
    let app = App::start(&["trusted_proxies=127.0.0.1"]);
    let certificate = certificate(app.folder());
    let mut config = good(&app);
    config["tls"] = json!(certificate);
    let proxy = Proxy::start(&config);
    let url = format!("https://localhost:{}/app/?a=b", proxy.port);
    snapshot("right", &app, proxy.port, app.check(&[&url, "--insecure"], "en"));
    snapshot("right-ko", &app, proxy.port, app.check(&[&url, "--insecure"], "ko"));
    snapshot("right-json", &app, proxy.port, app.check(&[&url, "--insecure", "--json"], "en"));
    snapshot("certificate", &app, proxy.port, app.check(&[&url], "en"));
    snapshot("certificate-ko", &app, proxy.port, app.check(&[&url], "ko"));
    let plain = Proxy::start(&good(&app));
    let url = format!("https://localhost:{}/app/", plain.port);
    snapshot("no-https", &app, plain.port, app.check(&[&url], "en"));
    snapshot("no-https-ko", &app, plain.port, app.check(&[&url], "ko"));
}

#[test]
fn a_proxy_that_is_not_trusted() {
    let app = App::start(&[]);
    let proxy = Proxy::start(&good(&app));
    let url = format!("http://localhost:{}/app/", proxy.port);
    snapshot("not-trusted", &app, proxy.port, app.check(&[&url], "en"));
    snapshot("not-trusted-ko", &app, proxy.port, app.check(&[&url], "ko"));
}

/// As a beginner's first configuration is: nothing but the address of the app.
#[test]
fn a_proxy_that_says_nothing() {
    let app = App::start(&["trusted_proxies=loopback"]);
    let certificate = certificate(app.folder());
    let mut config = json!({
        "upstream": app.address.to_string(), "strip": "/app", "set": { "Host": app.address.to_string() },
        "tls": certificate,
    });
    let proxy = Proxy::start(&config);
    let url = format!("https://localhost:{}/app/", proxy.port);
    snapshot("silent", &app, proxy.port, app.check(&[&url, "--insecure"], "en"));
    snapshot("silent-ko", &app, proxy.port, app.check(&[&url, "--insecure"], "ko"));
    config["server"] = json!("Apache/2.4");
    let proxy = Proxy::start(&config);
    let url = format!("https://localhost:{}/app/", proxy.port);
    snapshot("silent-apache", &app, proxy.port, app.check(&[&url, "--insecure"], "en"));
}

/// One after the other is left to the visitor, which the proxy then passes on.
#[test]
fn what_visitors_can_forge() {
    let app = App::start(&["trusted_proxies=loopback"]);
    let forged = |config: Value| {
        let proxy = Proxy::start(&config);
        let url = format!("http://localhost:{}/app/", proxy.port);
        let verdicts = app.verdicts(&[&url]);
        verdicts.into_iter().filter(|(_, verdict)| *verdict == "wrong").collect::<Vec<_>>()
    };
    assert_eq!(forged(good(&app)), []);
    let wrong =
        |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), "wrong")).collect::<Vec<_>>();
    let passes = |name: &str| {
        let mut config = good(&app);
        config["set"].as_object_mut().unwrap().remove(name);
        config
    };
    assert_eq!(forged(passes("X-Forwarded-Host")), wrong(&["forged"]));
    assert_eq!(forged(passes("X-Forwarded-Proto")), wrong(&["forged"]));
    assert_eq!(forged(passes("X-Forwarded-Prefix")), wrong(&["prefix", "forged"]));
    // The family that is not believed does no harm.
    assert_eq!(forged(passes("Forwarded")), []);
    let mut config = good(&app);
    config["append_for"] = json!(false);
    assert_eq!(forged(config), wrong(&["client", "forged"]));
    let proxy = Proxy::start(&passes("X-Forwarded-Host"));
    let url = format!("http://localhost:{}/app/", proxy.port);
    snapshot("forged", &app, proxy.port, app.check(&[&url], "en"));
    snapshot("forged-ko", &app, proxy.port, app.check(&[&url], "ko"));
}

#[test]
fn a_host_that_the_app_refuses() {
    let app = App::start(&["trusted_proxies=loopback", "trusted_hosts=example.com"]);
    let proxy = Proxy::start(&good(&app));
    let url = format!("http://localhost:{}/app/", proxy.port);
    snapshot("refused-host", &app, proxy.port, app.check(&[&url], "en"));
    snapshot("refused-host-ko", &app, proxy.port, app.check(&[&url], "ko"));
    // The port is lost on the way.
    let app = App::start(&["trusted_proxies=loopback"]);
    let proxy = Proxy::start(&with(good(&app), "X-Forwarded-Host", json!("localhost")));
    let url = format!("http://localhost:{}/app/", proxy.port);
    snapshot("lost-port", &app, proxy.port, app.check(&[&url], "en"));
}

#[test]
fn the_header_of_rfc_7239() {
    let app = App::start(&["trusted_proxies={\"from\": [\"loopback\"], \"forwarded\": true}"]);
    let said = "for=$remote;proto=$scheme;host=\"$host\"";
    let config = json!({ "upstream": app.address.to_string(), "set": { "Forwarded": said } });
    let proxy = Proxy::start(&config);
    let url = format!("http://localhost:{}/", proxy.port);
    snapshot("forwarded", &app, proxy.port, app.check(&[&url], "en"));
    let proxy = Proxy::start(&good(&app));
    let url = format!("http://localhost:{}/app/", proxy.port);
    snapshot("other-family", &app, proxy.port, app.check(&[&url], "en"));
    snapshot("other-family-ko", &app, proxy.port, app.check(&[&url], "ko"));
}

#[test]
fn requests_that_do_not_arrive() {
    let app = App::start(&[]);
    let told = |name: &str, config: Value| {
        let proxy = Proxy::start(&config);
        let url = format!("http://localhost:{}/", proxy.port);
        snapshot(name, &app, proxy.port, app.check(&[&url], "en"));
        snapshot(&format!("{name}-ko"), &app, proxy.port, app.check(&[&url], "ko"));
    };
    told("arrived-502", json!({ "status": 502 }));
    told("arrived-404", json!({ "status": 404 }));
    let to = json!({ "Location": "https://localhost/" });
    told("arrived-301", json!({ "status": 301, "headers": to }));
    told("arrived-200", json!({ "status": 200, "server": "something" }));
    let other = app.start_beside();
    let proxy = Proxy::start(&json!({ "upstream": other.address.to_string() }));
    let url = format!("http://localhost:{}/", proxy.port);
    let elsewhere = |lang: &str| {
        let (status, text) = app.check(&[&url], lang);
        let text = text.replace(&format!("pid {}", other.pid()), "pid OTHER");
        (status, text.replace(&format!(":{}", other.address.port()), ":OTHER"))
    };
    snapshot("arrived-elsewhere", &app, proxy.port, elsewhere("en"));
    snapshot("arrived-elsewhere-ko", &app, proxy.port, elsewhere("ko"));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let url = format!("http://127.0.0.1:{port}/");
    snapshot("no-proxy", &app, port, app.check(&[&url], "en"));
    snapshot("no-proxy-ko", &app, port, app.check(&[&url], "ko"));
    let url = format!("http://{}/", app.address);
    snapshot("direct", &app, 1, app.check(&[&url], "en"));
    snapshot("direct-ko", &app, 1, app.check(&[&url], "ko"));
    let url = format!("http://{}/", app.address);
    let (status, text) = app.check(&["localhost"], "en");
    assert!(
        status == 2 && text.contains("write a whole URL, such as https://example.com/app/"),
        "{text}"
    );
    drop(app);
    drop(other);
    let app = App::start(&[]);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_carafe"));
    let output = command.args(["proxy", "check", "--pid", "1", &url]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(1) && text.contains("no Carafe app of this user"),
        "{text}"
    );
    drop(app);
}
