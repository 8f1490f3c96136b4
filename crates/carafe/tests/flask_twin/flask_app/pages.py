"""Templates, and the blueprints `shop` (with `cart` nested in it, each at its own prefix)."""

from flask import Blueprint, Flask, abort, g, render_template, render_template_string, request, session, url_for

PEOPLE = [
    {"name": "Ann", "age": 30, "city": "Oslo"},
    {"name": "Bob", "age": 25, "city": "Rome"},
    {"name": "Cid", "age": 30, "city": "Rome"},
]

# What every template of /render sees.
CONTEXT = {
    "text": "hello big world",
    "html": "<b>\"a\" & 'b'</b>",
    "numbers": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "fig"],
    "people": PEOPLE,
    "person": PEOPLE[0],
    "nothing": None,
    "yes": True,
    "pi": 3.14159,
    "size": 1_500_000,
}

shop = Blueprint("shop", __name__)
cart = Blueprint("cart", __name__)


@shop.context_processor
def shop_context():
    return {"where": "shop", "only_shop": "shop"}


@shop.get("/")
def home():
    return " ".join([request.endpoint, request.blueprint, url_for(".item", id=1), url_for("root")])


@shop.get("/item/<int:id>")
def item(id):
    if id == 0:
        abort(404)
    return f"item {id}"


@shop.get("/context")
def context():
    return render_template("context.html")


@cart.get("/")
def view():
    # The names of the blueprints, innermost first.
    return " ".join([request.endpoint, ",".join(request.blueprints), url_for(".view"), url_for("shop.home")])


def add(app: Flask):
    shop.register_blueprint(cart, url_prefix="/cart")
    app.register_blueprint(shop, url_prefix="/shop")

    @app.context_processor
    def app_context():
        return {"where": "app", "only_app": "app"}

    app.add_template_filter(lambda value: value[::-1], "backwards")
    app.add_template_global(lambda: "from a global", "helper")
    app.add_template_test(lambda value: value == "x", "an_x")

    @app.post("/render")  # the body is the template's source
    def render():
        return render_template_string(request.get_data(as_text=True), **CONTEXT)

    @app.get("/page/<path:name>")  # a file of templates/
    def page(name):
        g.twin = "g-value"
        session["twin"] = "session-value"
        return render_template(name, **CONTEXT)

    @app.get("/page-first")  # the first that exists
    def page_first():
        return render_template(["missing.html", "escape.html"], **CONTEXT)

    @app.get("/context")
    def plain_context():
        return render_template("context.html", only_app="the view's own")
