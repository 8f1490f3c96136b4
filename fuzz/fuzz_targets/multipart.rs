//! A multipart body is read whole, as a form: it is a form, or a 4xx; it never panics.
#![no_main]

use carafe::prelude::*;
use carafe::testing::TestClient;
use carafe::{FormData, Rule, View};

thread_local! {
    /// Never dropped: at the thread's end its runtime could not be stopped any more.
    static CLIENT: &'static TestClient = Box::leak(Box::new(client()));
}

fn client() -> TestClient {
    let view = View::new(|request: Request| async move {
        let form = FormData::from_request(&request).await?;
        Ok::<_, Error>(form.fields().len().to_string())
    });
    let rule = Rule::new("/").endpoint("form").methods([carafe::http::Method::POST]);
    App::new().add_url_rule(rule, view).test_client()
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    CLIENT.with(|client| {
        let request = client.post("/").content_type("multipart/form-data; boundary=XX");
        let status = request.body(bytes.to_vec()).send().status().as_u16();
        assert!(matches!(status, 200 | 400 | 413), "{status}");
    });
});
