//! Blueprints end to end: prefixes, names, folders, subdomains, hosts.

use std::fs;

use carafe::prelude::*;
use carafe::{Rule, UrlFor, View};

/// Tells the endpoint, the blueprint, and two URLs.
async fn whoami(request: Request) -> Result<String> {
    let tenant = request
        .path_values()
        .into_iter()
        .find(|(name, _)| *name == "tenant")
        .map(|(_, value)| value);
    let own = request.url_for(".who", UrlFor::new().value("tenant", tenant))?;
    let values = request.path_values().into_iter().map(|(name, value)| format!(" {name}={value}"));
    let values: String = values.collect();
    Ok(format!("{}{values} {own}", request.endpoint().unwrap_or("-")))
}

fn who() -> (Rule, View) {
    (Rule::new("/who").endpoint("who"), View::new(whoami))
}

fn blueprint(name: &str) -> Blueprint {
    let (rule, view) = who();
    Blueprint::new(name).add_url_rule(rule, view)
}

fn text(client: &carafe::testing::TestClient, url: &str) -> String {
    let response = client.get(url).send();
    if response.status() == 200 { response.text() } else { response.status().as_u16().to_string() }
}

#[test]
fn prefixes_and_names_are_joined() {
    let inner = blueprint("inner").prefix("/inner/");
    let outer = blueprint("outer").prefix("outer").blueprint(inner);
    let client = App::new().blueprint(outer).test_client();
    let check = |path: &str, expected: &str| assert_eq!(text(&client, path), expected, "{path}");
    check("/outer/who", "outer.who /outer/who");
    check("/outer/inner/who", "outer.inner.who /outer/inner/who");
    check("/inner/who", "404");
}

#[test]
fn one_blueprint_may_serve_twice() {
    let shop = blueprint("shop");
    let client = App::new()
        .blueprint(shop.clone().prefix("/a"))
        .blueprint(shop.name("shop2").prefix("/b"))
        .test_client();
    assert_eq!(text(&client, "/a/who"), "shop.who /a/who");
    assert_eq!(text(&client, "/b/who"), "shop2.who /b/who");
}

#[get("/page")]
async fn page() -> String {
    url_for!(page, q = 1)
}

#[test]
fn a_handler_of_two_blueprints_links_to_its_own() {
    let pages = || Blueprint::new("one").routes(routes![page]);
    let client = App::new()
        .blueprint(pages().prefix("/1"))
        .blueprint(pages().name("two").prefix("/2"))
        .test_client();
    assert_eq!(text(&client, "/1/page"), "/1/page?q=1");
    assert_eq!(text(&client, "/2/page"), "/2/page?q=1");
}

#[get("/notes", defaults(page = 1))]
#[get("/notes/<int:page>")]
async fn notes(page: u32) -> String {
    format!("page {page}, next {}", url_for!(notes, page = page + 1))
}

#[test]
fn a_prefix_may_hold_values() {
    let shop = blueprint("shop")
        .prefix("/<lang>/<int:shop>")
        .url_defaults(|_, _, values| {
            values.set("lang", "ko");
            values.set("shop", 7);
        })
        .routes(routes![notes]);
    let client = App::new().blueprint(shop).test_client();
    assert_eq!(text(&client, "/en/5/who"), "shop.who lang=en shop=5 /ko/7/who");
    assert_eq!(text(&client, "/en/x/who"), "404");
    // The rules' own values come after those of the prefix.
    assert_eq!(text(&client, "/en/5/notes"), "page 1, next /ko/7/notes/2");
    assert_eq!(text(&client, "/en/5/notes/2"), "page 2, next /ko/7/notes/3");
    let response = client.get("/en/5/notes/1").send();
    assert_eq!(
        (response.status().as_u16(), response.location()),
        (308, Some("http://localhost/en/5/notes"))
    );
}

#[test]
fn subdomains_are_joined_from_the_inside() {
    let inner = blueprint("inner").subdomain("inner");
    let outer = blueprint("outer").subdomain("<tenant>").blueprint(inner);
    let (rule, view) = who();
    let client = App::new()
        .config("server_name", "shop.example")
        .subdomain_matching()
        .add_url_rule(rule, view)
        .blueprint(outer)
        .test_client();
    let check = |subdomain: &str, expected: &str| {
        let request = client.get("/who");
        let request = if subdomain.is_empty() { request } else { request.subdomain(subdomain) };
        let response = request.send();
        let found = if response.status() == 200 {
            response.text()
        } else {
            response.status().as_u16().to_string()
        };
        assert_eq!(found, expected, "{subdomain}");
    };
    check("", "who /who");
    check("inner.ann", "outer.inner.who tenant=ann /who");
    let context = client.get("/who").context();
    let url = context.url_for("outer.inner.who", UrlFor::new().value("tenant", "bob")).unwrap();
    assert_eq!(url, "http://inner.bob.shop.example/who");
}

#[test]
fn links_keep_the_port() {
    #[get("/links")]
    async fn links() -> String {
        let inner = url_for!("blue.who", _external = true).unwrap_or_default();
        format!("{} {} {inner}", url_for!(links), url_for!(links, _external = true))
    }
    #[get("/pages/", defaults(page = 1))]
    #[get("/pages/<int:page>")]
    async fn pages(page: u32) -> String {
        page.to_string()
    }

    let check = |server_name: &str, host: &str, expected: &str| {
        let client = App::new()
            .config("server_name", server_name)
            .subdomain_matching()
            .blueprint(blueprint("blue").subdomain("blue"))
            .routes(routes![links, pages])
            .test_client();
        let links = client.get("/links").header("host", host).send().text();
        let page = client.get("/pages/1").header("host", host).send();
        assert_eq!(format!("{links} {}", page.location().unwrap_or_default()), expected);
    };
    check(
        "shop.example",
        "shop.example",
        "/links http://shop.example/links http://blue.shop.example/who http://shop.example/pages/",
    );
    check(
        "localhost:8000",
        "localhost:8000",
        "/links http://localhost:8000/links http://blue.localhost:8000/who http://localhost:8000/pages/",
    );
    // The port of the request, where the server name has none.
    check(
        "localhost",
        "LOCALHOST:9000",
        "/links http://localhost:9000/links http://blue.localhost:9000/who http://localhost:9000/pages/",
    );
}

#[test]
fn rules_may_be_for_a_host() {
    let (rule, view) = who();
    let client = App::new()
        .host_matching()
        .add_url_rule(rule.clone().host("a.example"), view.clone())
        .add_url_rule(rule.endpoint("other").host("<name>.example"), view)
        .test_client();
    let check = |host: &str, expected: &str| {
        let response = client.get("/who").base_url(&format!("http://{host}")).send();
        let found = if response.status() == 200 {
            response.text()
        } else {
            response.status().as_u16().to_string()
        };
        assert_eq!(found, expected, "{host}");
    };
    check("a.example", "who /who");
    check("b.example", "other name=b http://a.example/who");
    check("else.where", "404");
}

#[test]
fn folders_belong_to_a_blueprint() {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("templates/both.html", "the app's");
    write("shop/templates/both.html", "the blueprint's");
    write("shop/templates/own.html", "own {{ url_for('.static', filename='a.css') }}");
    write("shop/files/a.css", "a {}");
    let render = |name: &'static str| View::new(move |_: Request| async move { render!(name) });
    let shop = Blueprint::new("shop")
        .prefix("/shop")
        .template_folder("shop/templates")
        .static_folder("shop/files")
        .add_url_rule(Rule::new("/both").endpoint("both"), render("both.html"))
        .add_url_rule(Rule::new("/own").endpoint("own"), render("own.html"));
    let client = App::new().root(root.path()).blueprint(shop).test_client();
    assert_eq!(text(&client, "/shop/both"), "the app's");
    assert_eq!(text(&client, "/shop/own"), "own /shop/files/a.css");
    assert_eq!(text(&client, "/shop/files/a.css"), "a {}");
    assert_eq!(text(&client, "/shop/files/../templates/own.html"), "404");
}
