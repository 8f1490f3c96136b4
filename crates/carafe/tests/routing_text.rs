//! What routing says to people: the page for a 404, and URLs that cannot be built.

use carafe::prelude::*;
use carafe::routing::Converter;

#[get("/")]
async fn index() -> &'static str {
    ""
}

#[get("/users/<int:id>")]
async fn user(id: i64) -> String {
    id.to_string()
}

#[get("/orders/")]
async fn orders() -> &'static str {
    ""
}

#[get("/wrong")]
async fn wrong() -> Result<String> {
    url_for!("uzer", id = 5)
}

#[get("/lacking")]
async fn lacking() -> Result<String> {
    url_for!("user")
}

struct Tags;

impl Converter for Tags {
    type Value = Vec<String>;

    fn parse(&self, text: &str) -> Option<Vec<String>> {
        Some(text.split('+').map(str::to_owned).collect())
    }

    fn build(&self, value: &Vec<String>) -> String {
        value.join("+")
    }
}

struct Days;

impl Converter for Days {
    type Value = Vec<i64>;

    fn parse(&self, text: &str) -> Option<Vec<i64>> {
        text.split(',').map(|day| day.parse().ok()).collect()
    }

    fn build(&self, value: &Vec<i64>) -> String {
        value.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

#[get("/tagged/<tags:tags>/on/<days:days>")]
async fn tagged(tags: Vec<String>, days: Vec<i64>) -> String {
    url_for!(tagged, tags, days)
}

#[test]
fn the_page_for_a_404_lists_what_came_near() {
    let client =
        App::new().config("debug", true).routes(routes![index, user, orders]).test_client();
    let check = |path: &str, expected: &str| {
        let text = client.get(path).send().text();
        let detail = text.split("at this address.\n\n").nth(1);
        let detail = detail.and_then(|rest| rest.split("\nrequest\n").next());
        assert_eq!(detail.unwrap_or_default(), expected, "{path}");
    };
    check(
        "/users/x",
        "404 Not Found: no rule fits\n\n\
         \x20 - GET /users/<int:id>  `<int:id>` does not take `x`: not a whole number\n\
         \x20 - GET /                the rule ends, the path goes on with `users`\n\
         \x20 and 1 other rule, which `explain` shows\n",
    );
    check(
        "/user/5",
        "404 Not Found: no rule fits\n\n\
         \x20 - GET /                the rule ends, the path goes on with `user`\n\
         \x20 - GET /users/<int:id>  segment 1 is `user`, the rule wants `users`\n\
         \x20 and 1 other rule, which `explain` shows\n",
    );
}

#[test]
fn a_foreign_host_is_told() {
    let app = App::new().config("debug", true).config("server_name", "shop.example");
    let client = app.subdomain_matching().routes(routes![index, user]).test_client();
    let text = client.get("/").header("host", "other.localhost").send().text();
    let words = "- GET /  the host `other.localhost` is not `server_name`, which is `shop.example`, or below it";
    assert_eq!(text.matches(words).count(), 1, "{text}");
}

#[test]
fn a_failed_url_comes_with_its_hint() {
    let client = App::new().routes(routes![user, wrong, lacking]).test_client();
    let check = |path: &str, expected: &str| {
        assert_eq!(client.get(path).send().error(), Some(expected));
    };
    check("/wrong", "could not build a URL for endpoint `uzer`\n  hint: did you mean `user`?");
    check("/lacking", "could not build a URL for endpoint `user`\n  hint: give a value for `id`");
}

#[test]
fn lists_go_through_converters_of_lists() {
    let app = App::new().converter("tags", |_| Ok(Tags)).converter("days", |_| Ok(Days));
    let client = app.routes(routes![tagged]).test_client();
    assert_eq!(client.get("/tagged/a+b/on/1,2").send().text(), "/tagged/a+b/on/1,2");
}
