//! Templates, and the blueprints `shop` (with `cart` nested in it, each at its own prefix).

use carafe::prelude::*;
use carafe::templates::Context;
use carafe::{UrlFor, templates};
use serde::Serialize;

#[derive(Clone, Copy, Serialize)]
struct Person {
    name: &'static str,
    age: u32,
    city: &'static str,
}

const PEOPLE: [Person; 3] = [
    Person { name: "Ann", age: 30, city: "Oslo" },
    Person { name: "Bob", age: 25, city: "Rome" },
    Person { name: "Cid", age: 30, city: "Rome" },
];

/// What every template of `/render` sees.
#[expect(clippy::approx_constant, reason = "the same digits as on the other side")]
fn page_context() -> Context {
    context! {
        text: "hello big world",
        html: "<b>\"a\" & 'b'</b>",
        numbers: vec![3, 1, 2],
        words: vec!["pear", "Apple", "fig", "fig"],
        people: PEOPLE.to_vec(),
        person: PEOPLE[0],
        nothing: None::<()>,
        yes: true,
        pi: 3.14159,
        size: 1_500_000,
    }
}

mod shop {
    use super::*;

    #[get("/")]
    pub(super) async fn home(request: &Request) -> Result<String> {
        let item = request.url_for(".item", UrlFor::new().value("id", 1))?;
        let root = request.url_for("root", UrlFor::new())?;
        let (endpoint, blueprint) = (request.endpoint().or_404()?, request.blueprint().or_404()?);
        Ok([endpoint, blueprint, &item, &root].join(" "))
    }

    #[get("/item/<int:id>")]
    pub(super) async fn item(id: u32) -> Result<String> {
        if id == 0 {
            abort!(404);
        }
        Ok(format!("item {id}"))
    }

    #[get("/context")]
    pub(super) async fn context() -> Result<Html> {
        render!("context.html")
    }
}

mod cart {
    use super::*;

    #[get("/")]
    pub(super) async fn view(request: &Request) -> Result<String> {
        // The names of the blueprints, innermost first.
        let blueprints: Vec<_> = request.blueprints().collect();
        let own = request.url_for(".view", UrlFor::new())?;
        let home = request.url_for("shop.home", UrlFor::new())?;
        Ok([request.endpoint().or_404()?, &blueprints.join(","), &own, &home].join(" "))
    }
}

/// The body is the template's source.
#[post("/render")]
async fn render_body(request: &Request) -> Result<Html> {
    request.render_string(&request.text().await?, page_context())
}

/// A file of `templates/`.
#[get("/page/<path:name>")]
async fn page(request: &Request, session: Session, name: String) -> Result<Html> {
    request.g().set_value("twin", "g-value");
    session.set("twin", "session-value")?;
    templates::render(&*name, page_context())
}

/// The first that exists.
#[get("/page-first")]
async fn page_first() -> Result<Html> {
    templates::render(["missing.html", "escape.html"], page_context())
}

#[get("/context")]
async fn plain_context() -> Result<Html> {
    render!("context.html", only_app: "the view's own")
}

pub(super) fn add(app: App) -> App {
    let cart = Blueprint::new("cart").prefix("/cart").routes(routes![cart::view]);
    let shop = Blueprint::new("shop")
        .prefix("/shop")
        .routes(routes![shop::home, shop::item, shop::context])
        .context_processor(|_request| context! { where: "shop", only_shop: "shop" })
        .blueprint(cart);
    app.blueprint(shop)
        .context_processor(|_request| context! { where: "app", only_app: "app" })
        .templates(|templates| {
            templates.filter("backwards", |value: String| value.chars().rev().collect::<String>());
            templates.function("helper", || "from a global");
            templates.test("an_x", |value: String| value == "x");
        })
        .routes(routes![render_body, page, page_first, plain_context])
}
