//! What a proxy adds decides, whatever a visitor sends in front of it: the first byte chooses the
//! family of headers, the rest is the visitor's part of the line.
#![no_main]

use carafe::prelude::*;
use carafe::testing::TestClient;

thread_local! {
    /// Never dropped: at the thread's end its runtime could not be stopped any more.
    static CLIENTS: [&'static TestClient; 2] = [client(false), client(true)];
}

#[get("/")]
async fn index(request: &Request) -> String {
    let client = request.remote_addr().map(|client| client.ip().to_string());
    format!("{} {}", client.unwrap_or_default(), request.url())
}

fn client(forwarded: bool) -> &'static TestClient {
    let app = App::new()
        .config("trusted_proxies.from", vec!["127.0.0.1"])
        .config("trusted_proxies.forwarded", forwarded)
        .routes(routes![index]);
    Box::leak(Box::new(app.test_client()))
}

libfuzzer_sys::fuzz_target!(|input: (bool, &[u8])| {
    let (forwarded, front) = input;
    // What the server's engine lets into a header's value.
    let front: String = front
        .iter()
        .filter(|byte| matches!(byte, b'\t' | b' '..=b'~'))
        .map(|byte| char::from(*byte))
        .collect();
    let get = CLIENTS.with(|clients| clients[usize::from(forwarded)].get("/"));
    let get = match forwarded {
        true => get.header("forwarded", format!("{front}, for=192.0.2.7;proto=https;host=a.test")),
        false => get
            .header("x-forwarded-for", format!("{front}, 192.0.2.7"))
            .header("x-forwarded-proto", format!("{front}, https"))
            .header("x-forwarded-host", format!("{front}, a.test")),
    };
    assert_eq!(get.send().text(), "192.0.2.7 https://a.test/");
});
