//! What visitors get through a proxy: URLs, redirects, cookies, and the line in the access log.

use serde_json::json;

use crate::parts::{App, Proxy, get};

#[test]
fn a_page_under_a_prefix() {
    let app = App::start(&["trusted_proxies=127.0.0.1"]);
    let proxy = Proxy::start(&json!({
        "upstream": app.address.to_string(),
        "strip": "/app",
        "append_for": true,
        "set": { "X-Forwarded-Proto": "https", "X-Forwarded-Host": "$host", "X-Forwarded-Prefix": "/app" },
    }));
    let answer = |path: &str| get(proxy.port, "shop.example", path, "");
    let page = answer("/app/?a=b");
    let urls = "https://shop.example/app/?a=b https://shop.example/app/page/a%20b/ /app/";
    assert!(page.ends_with(&format!("127.0.0.1 {urls}")), "{page}");
    let slash = answer("/app/page/x").to_lowercase();
    assert!(slash.contains("/app/page/x/\r\n"), "{slash}");
    let visit = answer("/app/visit");
    assert!(visit.to_lowercase().contains("\r\nlocation: /app/\r\n"), "{visit}");
    assert!(visit.contains("; Secure;") && visit.contains("; Path=/app;"), "{visit}");
    // Somebody behind the proxy who says to be someone else: the proxy's own word counts.
    let page = get(proxy.port, "shop.example", "/app/", "X-Forwarded-Proto: http\r\n");
    assert!(page.contains(" https://shop.example/app/ "), "{page}");
}

#[test]
fn nobody_is_believed_who_is_not_named() {
    let app = App::start(&["trusted_proxies=192.0.2.1"]);
    let headers = "X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\n";
    let page = get(app.address.port(), "shop.example", "/", headers);
    assert!(
        page.ends_with("127.0.0.1 http://shop.example/ http://shop.example/page/a%20b/ /"),
        "{page}"
    );
}

#[test]
fn through_a_unix_socket() {
    let (app, socket) = App::start_at_socket(&["trusted_proxies=unix"]);
    let proxy = Proxy::start(&json!({
        "upstream": socket,
        "append_for": true,
        "set": {
            "X-Forwarded-Proto": "$scheme", "X-Forwarded-Host": "$host", "X-Forwarded-Prefix": null,
        },
    }));
    let url = format!("http://localhost:{}/", proxy.port);
    let (status, text) = app.check(&[&url], "en");
    assert!(status == 0 && text.contains("\u{2713} proxy   unix "), "{text}");
    let page = get(proxy.port, "shop.example", "/", "");
    assert!(
        page.ends_with("127.0.0.1 http://shop.example/ http://shop.example/page/a%20b/ /"),
        "{page}"
    );
    // Who comes by the port is somebody else.
    let page = get(app.address.port(), "shop.example", "/", "X-Forwarded-Proto: https\r\n");
    assert!(page.contains(" http://shop.example/ "), "{page}");
}
