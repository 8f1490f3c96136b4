//! What is printed, word for word. `UPDATE_SNAPSHOTS=1 cargo test` writes the files in `snapshots/`.

use std::fs;
use std::path::Path;

use super::attempt;

/// What was printed, beside its snapshot when that is another one.
fn check(name: &str, arguments: &[&str]) {
    check_with(name, arguments, &[]);
}

fn check_with(name: &str, arguments: &[&str], settings: &[(&str, &str)]) {
    let (code, mut text, words) = attempt(&[&["proxy"], arguments].concat(), settings);
    if code != Some(0) {
        // Before the mistake there may be notes, and what Cargo says while it builds.
        let words = words.find("error: ").map_or(&*words, |at| &words[at..]);
        text.push_str(&format!("{words}--- exit status {}\n", code.unwrap_or(-1)));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/proxy/snapshots").join(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert!(text == expected, "{name} gave\n{text}\nand not\n{expected}");
}

const BOOK: [&str; 2] = ["--package", "guestbook"];
const SITE: [&str; 5] = ["--domain", "book.example", "--prefix", "/app", "--tls"];

#[test]
fn nginx() {
    check("nginx.conf", &[&["nginx"], &BOOK[..], &SITE].concat());
    check("nginx-ko.conf", &[&["nginx", "--lang", "ko"], &BOOK[..], &SITE].concat());
    let plain = ["nginx", "--upstream", "unix:/run/guestbook/guestbook.sock", "--listen", "::1"];
    let settings = [
        ("CARAFE_MAX_CONTENT_LENGTH", "unlimited"),
        ("CARAFE_KEEP_ALIVE_TIMEOUT", "0"),
        ("CARAFE_REQUEST_TIMEOUT", "20 s"),
        ("CARAFE_SERVER_NAME", "book.example:8080"),
        ("CARAFE_SEND_FILE_MAX_AGE_DEFAULT", "1 h"),
        ("CARAFE_USE_X_SENDFILE", "true"),
    ];
    check_with("nginx-plain.conf", &[&plain, &BOOK[..]].concat(), &settings);
}

#[test]
fn apache() {
    check("apache.conf", &[&["apache"], &BOOK[..], &SITE].concat());
    let plain = ["apache", "--upstream", "unix:/run/guestbook/guestbook.sock", "--listen-port"];
    let more = ["8080", "--domain", "book.example", "--domain", "www.book.example"];
    let settings = [
        ("CARAFE_MAX_CONTENT_LENGTH", "unlimited"),
        ("CARAFE_KEEP_ALIVE_TIMEOUT", "0"),
        ("CARAFE_REQUEST_TIMEOUT", "20 s"),
        ("CARAFE_USE_X_SENDFILE", "true"),
    ];
    check_with("apache-plain.conf", &[&plain, &more[..], &BOOK].concat(), &settings);
}

#[test]
fn caddy() {
    check("Caddyfile", &[&["caddy"], &BOOK[..], &SITE].concat());
    let plain = ["caddy", "--upstream", "10.0.0.5:8000", "--domain", "book.example"];
    let settings = [
        ("CARAFE_MAX_CONTENT_LENGTH", "unlimited"),
        ("CARAFE_KEEP_ALIVE_TIMEOUT", "0"),
        ("CARAFE_REQUEST_TIMEOUT", "20 s"),
        ("CARAFE_USE_X_SENDFILE", "true"),
    ];
    check_with("Caddyfile-plain", &[&plain, &BOOK[..]].concat(), &settings);
}

#[test]
fn systemd() {
    check("systemd.txt", &[&["systemd"], &BOOK[..]].concat());
    let unix = ["systemd", "--user", "book", "--upstream", "unix:/run/guestbook/guestbook.sock"];
    check("systemd-ko.txt", &[&unix[..], &["--lang", "ko"], &BOOK[..]].concat());
    check("systemd.socket", &[&unix[..], &["--file", "socket"], &BOOK[..]].concat());
}

#[test]
fn docker() {
    check("docker.txt", &[&["docker", "--domain", "book.example"], &BOOK[..]].concat());
    let compose = ["docker", "--domain", "book.example", "--nginx", "--file", "compose"];
    check("compose-nginx.yaml", &[&compose, &BOOK[..]].concat());
}

#[test]
fn help() {
    check("help-nginx.txt", &["nginx", "--help"]);
    check("help-systemd.txt", &["systemd", "--help"]);
    check("help-docker.txt", &["docker", "--help"]);
}

#[test]
fn what_is_refused() {
    check("several-apps.txt", &["nginx"]);
    check("no-such-app.txt", &["nginx", "--package", "serde"]);
    check("no-program.txt", &["nginx", "--app", "/nonexistent/app"]);
    check("no-carafe-app.txt", &["nginx", "--app", "/bin/false"]);
    let wrong = |name: &str, option: &str, value: &str| {
        check(name, &[&["nginx", option, value], &BOOK[..]].concat());
    };
    wrong("wrong-domain.txt", "--domain", "a.example;\nreturn 200");
    wrong("wrong-prefix.txt", "--prefix", "/a b");
    wrong("wrong-upstream.txt", "--upstream", "8000");
    wrong("wrong-dir.txt", "--dir", "/srv/$home");
    check("no-name.txt", &[&["systemd", "--upstream", "app:8000"], &BOOK[..]].concat());
    check_with(
        "wrong-setting.txt",
        &[&["nginx", "--domain", "a.example"], &BOOK[..]].concat(),
        &[("CARAFE_STATIC_URL_PATH", "/a{b}")],
    );
}

/// The guide's page names the options that there are, and the commands of the files' heads.
#[test]
fn the_guide_says_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let page = read("../carafe/src/docs/deploying.md");
    let rows: String = page.lines().filter(|line| line.starts_with("| `--")).collect();
    let options: Vec<&str> = rows.split('`').filter(|word| word.starts_with("--")).collect();
    let help = read("tests/proxy/snapshots/help-nginx.txt");
    for option in help.lines().filter_map(|line| line.trim_start().strip_prefix("--")) {
        let name = option.split(' ').next().unwrap();
        let named = |text: &&str| text.split(' ').any(|word| word.trim_start_matches("--") == name);
        assert!(options.iter().any(named), "`--{name}` is not in the guide");
    }
    let heads: String = ["nginx.conf", "apache.conf", "Caddyfile", "systemd.txt"]
        .map(|name| read(&format!("tests/proxy/snapshots/{name}")))
        .concat();
    let commands = page.lines().filter_map(|line| line.strip_prefix("$ "));
    let told = ["sudo a2", "sudo nginx", "sudo apachectl", "caddy ", "sudo systemctl reload"];
    for command in commands.filter(|line| told.iter().any(|start| line.starts_with(start))) {
        assert!(heads.contains(command), "no file says `{command}`");
    }
}
