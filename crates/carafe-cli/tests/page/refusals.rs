//! Whom the page refuses, as bytes on its socket; and what it says when there is no app.

use crate::tool::{Answer, LIMIT, Tool, send};

/// A page whose app does not build, since there is none: it is served all the same.
struct Page {
    _folder: tempfile::TempDir,
    tool: Tool,
    /// The first part of every path, and the cookie.
    folder: String,
    cookie: String,
}

impl Page {
    fn start() -> Page {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("app")).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        std::fs::write(folder.path().join("app/notes.txt"), "hello").unwrap();
        let tool = Tool::start(&folder.path().join("app"), &[]);
        let own = format!("host: {}", tool.host());
        let line = format!("GET /?token={}", tool.token());
        let entered = send(tool.host(), &line, &[own], "");
        assert_eq!(entered.status, 200, "{entered:?}");
        let cookie = entered.header("set-cookie").unwrap().to_owned();
        for attribute in ["HttpOnly", "SameSite=Strict"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let inside = entered.body.split("url=/").nth(1).unwrap().split('/').next().unwrap();
        assert!(cookie.contains(&format!("Path=/{inside}/")), "{cookie}");
        Page {
            folder: inside.to_owned(),
            cookie: format!("cookie: {}", cookie.split(';').next().unwrap()),
            _folder: folder,
            tool,
        }
    }

    /// Asks with the headers of our own page, some of them changed or (empty) left out.
    fn ask(&self, line: &str, changed: &[(&str, &str)], body: &str) -> Answer {
        let mut headers = vec![
            ("host", format!("host: {}", self.tool.host())),
            ("cookie", self.cookie.clone()),
            ("origin", format!("origin: http://{}", self.tool.host())),
            ("sec-fetch-site", "sec-fetch-site: same-origin".to_owned()),
        ];
        for (name, value) in changed {
            headers.retain(|(own, _)| own != name);
            if !value.is_empty() {
                headers.push((name, format!("{name}: {value}")));
            }
        }
        let headers: Vec<String> = headers.into_iter().map(|(_, line)| line).collect();
        let line = line.replace("/@", &format!("/{}", self.folder));
        send(self.tool.host(), &line, &headers, body)
    }

    #[track_caller]
    fn refuses(&self, line: &str, changed: &[(&str, &str)], status: u16, words: &str) {
        let answer = self.ask(line, changed, "");
        assert_eq!(answer.status, status, "{line} {changed:?}: {answer:?}");
        assert!(answer.body.starts_with(words), "{line} {changed:?}: {}", answer.body);
        assert!(answer.header("set-cookie").is_none() && answer.header("location").is_none());
    }
}

#[test]
fn only_its_own_page_is_answered() {
    let page = Page::start();
    let answer = page.ask("GET /@/", &[], "");
    assert_eq!(answer.status, 200, "{answer:?}");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self'; ") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(page.ask("GET /@/assets/main.js", &[], "").status, 200);

    // A name that somebody's DNS server lets point here.
    let host = "the debugger's page answers only under this computer's own name";
    for other in ["evil.example", "evil.example:9173", "127.0.0.1", "localhost", "[::1]:1"] {
        page.refuses("GET /@/", &[("host", other), ("origin", "")], 403, host);
    }
    let absolute = format!("GET http://evil.example/{}/", page.folder);
    page.refuses(&absolute, &[("origin", "")], 403, host);

    let origin = "another page asked for this";
    let app = format!("http://{}1", page.tool.host());
    for other in ["http://evil.example", "null", &app, "https://127.0.0.1"] {
        page.refuses("GET /@/api/files", &[("origin", other)], 403, origin);
        page.refuses("POST /@/api/dap", &[("origin", other)], 403, origin);
    }
    for site in ["cross-site", "same-site"] {
        page.refuses("GET /@/api/files", &[("sec-fetch-site", site)], 403, origin);
        page.refuses("GET /@/api/events", &[("sec-fetch-site", site), ("origin", "")], 403, origin);
    }

    let token = "this browser has not been let in yet";
    let name = page.cookie.split('=').next().unwrap().trim_start_matches("cookie: ").to_owned();
    let wrong = format!("{name}={}", "0".repeat(32));
    for cookie in ["", "other=1", &wrong, &format!("{name}=")] {
        page.refuses("GET /@/", &[("cookie", cookie)], 403, token);
        page.refuses("GET /@/api/events", &[("cookie", cookie)], 403, token);
    }
    page.refuses("GET /", &[], 403, token);
    page.refuses(&format!("GET /?token={}", "0".repeat(32)), &[], 403, token);
    page.refuses("GET /?token=", &[], 403, token);
    page.refuses("GET /elsewhere/", &[], 403, token);

    let upgrade = [
        ("upgrade", "websocket"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-version", "13"),
    ];
    page.refuses("GET /@/api/events", &upgrade, 400, "the debugger's page has no WebSockets");
    let foreign = [&upgrade[..], &[("origin", "http://evil.example")]].concat();
    let answer = page.ask("GET /@/api/events", &foreign, "");
    assert!(answer.status == 400 || answer.status == 403, "{answer:?}");

    // What a form of another page could send.
    page.refuses("POST /@/api/dap", &[("content-type", "text/plain")], 415, "what is sent here");
    let preflight = [("access-control-request-method", "POST"), ("origin", "http://evil.example")];
    page.refuses("OPTIONS /@/api/dap", &preflight, 403, origin);
    page.refuses("GET /debug?ticket=0123", &[], 403, "this link works once");
}

#[test]
fn files_and_commands_have_bounds() {
    let page = Page::start();
    let file = |path: &str| page.ask(&format!("GET /@/api/file?path={path}"), &[], "");
    assert!(file("notes.txt").body.contains("hello"));
    for path in
        ["../secret.txt", "%2e%2e/secret.txt", "/etc/passwd", "/proc/self/environ", "app/../../x"]
    {
        let answer = file(path);
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
        assert!(answer.body.contains("is not in the workspace"), "{path}: {}", answer.body);
    }
    let json = [("content-type", "application/json")];
    let ask = |command: &str| {
        let body = format!("{{\"command\": \"{command}\"}}");
        page.ask("POST /@/api/dap", &json, &body)
    };
    for command in ["launch", "disconnect", "initialize", "runInTerminal"] {
        let answer = ask(command);
        assert_eq!(answer.status, 403, "{answer:?}");
        assert!(answer.body.contains("is not something that this page may ask for"));
    }
    assert!(ask("carafe/state").body.contains("\"points\""));
}

/// The command says in words that there is nothing to build, and ends on Ctrl+C.
#[test]
fn an_app_that_does_not_build_is_said() {
    let page = Page::start();
    page.tool.says("it can be built and started again from the debugger's page");
    let deadline = std::time::Instant::now() + LIMIT;
    // The page's stream begins with how things are.
    loop {
        let mut stream = std::net::TcpStream::connect(page.tool.host()).unwrap();
        let head = format!(
            "GET /{}/api/events HTTP/1.1\r\nhost: {}\r\n{}\r\n\r\n",
            page.folder,
            page.tool.host(),
            page.cookie
        );
        std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
        let mut piece = [0; 8192];
        let mut text = String::new();
        while !text.contains("\n\n") {
            let count = std::io::Read::read(&mut stream, &mut piece).unwrap();
            assert!(count > 0, "{text}");
            text.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
        if text.contains("\"mode\":\"failed\"") {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{text}");
    }
    assert!(page.tool.interrupt().success());
}
