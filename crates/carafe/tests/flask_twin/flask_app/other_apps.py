"""The small apps, each for one thing a whole app is set to."""

import json

from flask import Blueprint, Flask, Response, abort, after_this_request, g, request, session, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from . import requests


def show(**values):
    return " ".join([request.endpoint] + [f"{key}={values[key]}" for key in sorted(values)])


def hosts(here):
    """Host matching, and a session cookie with Flask's own defaults."""
    app = Flask("hosts", root_path=here, host_matching=True, static_folder=None)
    app.secret_key = "twin-secret"
    app.add_url_rule("/", "a", show, host="a.test")
    app.add_url_rule("/", "b", show, host="b.test")
    app.add_url_rule("/", "user", show, host="<name>.users.test")
    app.add_url_rule("/", "root_user", show, host="root.users.test")
    app.add_url_rule("/only/<int:x>", "only", show, host="a.test")

    @app.route("/session", host="a.test")
    def keep():
        session["x"] = 1
        return "kept"

    @app.route("/urls", host="a.test")
    def urls():
        return " ".join([url_for("a"), url_for("b"), url_for("user", name="ann")])

    return app


def subs(here):
    """Subdomain matching; SERVER_NAME is example.test."""
    app = Flask("subs", root_path=here, subdomain_matching=True, static_folder=None)
    app.config["SERVER_NAME"] = "example.test"
    app.add_url_rule("/", "apex", show)
    app.add_url_rule("/", "any", show, subdomain="<user>")
    app.add_url_rule("/", "api", show, subdomain="api")
    inner = Blueprint("inner", __name__, subdomain="shop")
    inner.add_url_rule("/", "home", show)
    app.register_blueprint(inner)

    @app.route("/urls")
    def urls():
        return " ".join([url_for("apex"), url_for("api"), url_for("any", user="ann"), url_for("inner.home")])

    return app


def proxied(here):
    """Behind one proxy that sets X-Forwarded-For, -Proto, -Host, -Prefix."""
    app = Flask("proxied", root_path=here)
    app.secret_key = "twin-secret"
    requests.add(app)
    app.add_url_rule("/", "root", show)
    app.add_url_rule("/branch/", "branch", show)

    @app.get("/urls")
    def urls():
        return " ".join([url_for("root"), url_for("root", _external=True), url_for("static", filename="hello.txt")])

    @app.get("/session")
    def keep():
        session["x"] = 1
        return "kept"

    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
    return app


def limits(here):
    """Bodies of at most 3000 bytes; forms of at most 5 parts and 1000 bytes of fields."""
    app = Flask("limits", root_path=here)
    app.config.update(MAX_CONTENT_LENGTH=3000, MAX_FORM_PARTS=5, MAX_FORM_MEMORY_SIZE=1000)
    requests.add(app)

    @app.post("/override")
    def override():
        request.max_content_length = 10
        return str(len(request.get_data()))

    @app.post("/unread")
    def unread():
        return "unread"

    return app


TORN_DOWN = []


def record(name):
    if "order" not in g:
        g.order = []
    g.order.append(name)


def add_hooks(owner, name):
    """Each hook of `owner` notes its name; a teardown notes it where /log shows it."""

    def values(endpoint, args):
        record(f"{name}.values")

    def before(number):
        def run():
            record(f"{name}.before{number}")
            if request.args.get("stop") == f"{name}{number}":
                return f"stopped by {name}{number}"
            if request.args.get("fail") == f"{name}{number}":
                raise ValueError("in a hook")

        return run

    def after(number):
        def run(response):
            record(f"{name}.after{number}")
            # The app's first is the last of all to run.
            if (name, number) == ("app", 1):
                response.headers["X-Order"] = " ".join(g.order)
            return response

        return run

    def teardown(number):
        def run(error):
            if request.path != "/log":
                TORN_DOWN.append(f"{name}.teardown{number}")

        return run

    owner.url_value_preprocessor(values)
    for number in (1, 2):
        owner.before_request(before(number))
        owner.after_request(after(number))
        owner.teardown_request(teardown(number))


def hooks(here):
    """The order of hooks, in the header X-Order; teardowns at /log, which forgets them."""
    app = Flask("hooks", root_path=here)
    parent = Blueprint("parent", __name__)
    child = Blueprint("child", __name__)
    for owner, name in ((app, "app"), (parent, "parent"), (child, "child")):
        add_hooks(owner, name)

    def view():
        record("view")
        return "done"

    def boom():
        record("view")
        raise RuntimeError("boom")

    def this():
        @after_this_request
        def note(response):
            record("this")
            response.headers["X-This"] = "yes"
            return response

        return view()

    for owner in (app, parent, child):
        owner.add_url_rule("/view", "view", view)
        owner.add_url_rule("/boom", "boom", boom)
        owner.add_url_rule("/this", "this", this)

    @app.get("/log")
    def log():
        body = " ".join(TORN_DOWN)
        TORN_DOWN.clear()
        return body

    # A URL value that every view of a blueprint shares, taken out before the view and put in by url_for.
    lang = Blueprint("lang", __name__, url_prefix="/<lang>")

    @lang.url_value_preprocessor
    def take(endpoint, values):
        g.lang = values.pop("lang")

    @lang.url_defaults
    def put(endpoint, values):
        values.setdefault("lang", g.get("lang", "en"))

    @lang.get("/about")
    def about():
        return " ".join([g.lang, url_for(".about"), url_for(".about", lang="fr")])

    parent.register_blueprint(child, url_prefix="/child")
    app.register_blueprint(parent, url_prefix="/parent")
    app.register_blueprint(lang)
    return app


class OutOfStock(Exception):
    """Handled by the app with 409."""


def fail(kind):
    """What the views of `handlers` raise, by name."""
    if kind == "value":
        raise ValueError("a bad value")
    if kind == "stock":
        raise OutOfStock("sold out")
    if kind == "other":
        raise RuntimeError("unforeseen")
    abort(int(kind), "said so")


def handlers(here):
    """Error handlers by code and by class, in the app and in two nested blueprints.

    app: 404, ValueError, OutOfStock, 500, and HTTPException for every other code
    outer (/outer): 404 and 403     inner (/outer/inner): 404 and ValueError
    A handler answers `who: what`.
    """
    app = Flask("handlers", root_path=here)
    outer = Blueprint("outer", __name__)
    inner = Blueprint("inner", __name__)

    def answer(who, code):
        return lambda error: (f"{who}: {getattr(error, 'description', error)}", code)

    def not_found(error):
        return Response(json.dumps({"missing": request.path}), 404, content_type="application/json")

    def crashed(error):
        return f"app 500: {error.original_exception or error.description}", 500

    def any_http(error: HTTPException):
        return f"app http: {error.code}", error.code

    app.register_error_handler(404, not_found)
    app.register_error_handler(ValueError, answer("app ValueError", 422))
    app.register_error_handler(OutOfStock, answer("app OutOfStock", 409))
    app.register_error_handler(500, crashed)
    app.register_error_handler(HTTPException, any_http)
    outer.register_error_handler(404, answer("outer 404", 404))
    outer.register_error_handler(403, answer("outer 403", 403))
    inner.register_error_handler(404, answer("inner 404", 404))
    inner.register_error_handler(ValueError, answer("inner ValueError", 400))
    for owner in (app, outer, inner):
        owner.add_url_rule("/fail/<kind>", "fail", fail)
    outer.register_blueprint(inner, url_prefix="/inner")
    app.register_blueprint(outer, url_prefix="/outer")
    return app


def create_all(here):
    makers = (hosts, subs, proxied, limits, hooks, handlers)
    return {maker.__name__: maker(here) for maker in makers}
