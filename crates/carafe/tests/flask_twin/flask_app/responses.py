"""What a handler can answer with: `/r/<case>`, redirects, abort, cookies, files, JSON."""

import datetime
import uuid

from flask import (
    Response,
    abort,
    jsonify,
    make_response,
    redirect,
    request,
    send_file,
    send_from_directory,
    url_for,
)

UUID = uuid.UUID("12345678-1234-5678-1234-567812345678")
MOMENT = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)


def several_headers():
    response = make_response("several")
    response.headers.add("X-Many", "one")
    response.headers.add("X-Many", "two")
    return response


def cached():
    response = make_response("cached")
    response.cache_control.public = True
    response.cache_control.max_age = 60
    response.vary.add("Accept")
    return response


def conditional():
    response = make_response("conditional")
    response.set_etag("abc")
    response.last_modified = MOMENT
    return response.make_conditional(request)


FORMS = {
    "str": lambda: "caf\u00e9",
    "bytes": lambda: b"\x00\x01\xff",
    "empty": lambda: "",
    "dict": lambda: {"one": 1},
    "list": lambda: [1, "two", None, True],
    "status": lambda: ("created", 201),
    "headers": lambda: ("plain", {"X-Twin": "yes", "Content-Type": "text/plain"}),
    "status-headers": lambda: ("both", 202, {"X-Twin": "yes"}),
    "headers-list": lambda: ("list", [("X-Twin", "yes")]),
    "dict-status": lambda: ({"error": "no"}, 422),
    "status-string": lambda: ("teapot", "418 I'm a teapot"),
    "no-content": lambda: ("", 204),
    "not-modified": lambda: ("", 304),
    "generator": lambda: (part for part in ["a", "b", "c"]),
    "generator-csv": lambda: Response((f"{n},{n * n}\n" for n in range(3)), mimetype="text/csv"),
    "response": lambda: Response("<x/>", status=203, mimetype="application/xml"),
    "response-in-tuple": lambda: (Response("inner", status=203), 206, {"X-Twin": "outer"}),
    "several-headers": several_headers,
    "cached": cached,
    "conditional": conditional,
    "none": lambda: None,
    "raises": lambda: 1 // 0,
    "unknown-status": lambda: ("odd", 299),
}

REDIRECTS = {
    "plain": lambda: redirect("/r/str"),
    "301": lambda: redirect("/r/str", 301),
    "303": lambda: redirect("/r/str", 303),
    "307": lambda: redirect("/r/str", 307),
    "308": lambda: redirect("/r/str", 308),
    "url-for": lambda: redirect(url_for("c_int", x=3)),
    "external": lambda: redirect("https://example.com/a?b=c#d"),
    "relative": lambda: redirect("str"),
    "unicode": lambda: redirect("/caf\u00e9/\u00fc"),
    "query": lambda: redirect("/r/str?a=1&b=2"),
}

JSONS = {
    "struct": lambda: {"name": "x", "id": 1, "tags": ["a"]},  # in Rust a struct: name, id, tags
    "unicode": lambda: {"a": "\u00e9\U0001f600"},
    "sorted": lambda: {"b": 1, "a": 2},
    "nested": lambda: {"list": [1, {"x": None}], "float": 1.5, "bool": False},
    "uuid": lambda: {"id": UUID},
    "datetime": lambda: {"at": MOMENT},
    "args": lambda: [1, 2, 3],
    "string": lambda: "text",
    "null": lambda: None,
    "escape": lambda: {"html": "</script>&'\"\\\n"},
}


def cookie(**options):
    response = make_response("cookie")
    response.set_cookie("c", **options)
    return response


def several_cookies():
    response = make_response("cookies")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2", path="/r")
    return response


def deleted():
    response = make_response("deleted")
    response.delete_cookie("c", path="/x", domain="example.com")
    return response


COOKIES = {
    "plain": lambda: cookie(value="v"),
    "empty": lambda: cookie(value=""),
    "space": lambda: cookie(value="a b"),
    "quote": lambda: cookie(value='b c;"\u00e9'),
    "comma": lambda: cookie(value="a,b"),
    "backslash": lambda: cookie(value="a\\b"),
    "max-age": lambda: cookie(value="v", max_age=60),
    "expires": lambda: cookie(value="v", expires=MOMENT),
    "path": lambda: cookie(value="v", path="/p"),
    "domain": lambda: cookie(value="v", domain="example.com"),
    "secure": lambda: cookie(value="v", secure=True),
    "http-only": lambda: cookie(value="v", httponly=True),
    "lax": lambda: cookie(value="v", samesite="Lax"),
    "strict": lambda: cookie(value="v", samesite="Strict"),
    "none": lambda: cookie(value="v", samesite="None", secure=True),
    "partitioned": lambda: cookie(value="v", partitioned=True),
    "all": lambda: cookie(
        value="v", max_age=60, path="/", domain="example.com", secure=True, httponly=True, samesite="Lax"
    ),
    "several": several_cookies,
    "deleted": deleted,
}

FILES = {
    "plain": lambda: send_file("files/fixed.txt"),
    "attachment": lambda: send_file("files/fixed.txt", as_attachment=True),
    "named": lambda: send_file("files/fixed.txt", as_attachment=True, download_name="my file.txt"),
    "unicode": lambda: send_file("files/fixed.txt", as_attachment=True, download_name="na\u00efve.txt"),
    "mimetype": lambda: send_file("files/fixed.txt", mimetype="application/x-twin"),
    "max-age": lambda: send_file("files/fixed.txt", max_age=60),
    "json": lambda: send_file("files/data.json"),
    "empty": lambda: send_file("files/empty.bin"),
}


def stop(code):
    if code == 405:
        abort(405, valid_methods=["GET", "POST"])
    abort(code)


def add(app):
    both = {"methods": ["GET", "POST"]}
    app.add_url_rule("/r/<case>", "r", lambda case: FORMS[case](), **both)
    app.add_url_rule("/redirect/<case>", "redirects", lambda case: REDIRECTS[case](), **both)
    app.add_url_rule("/jsonify/<case>", "jsons", lambda case: jsonify(JSONS[case]()))
    app.add_url_rule("/cookie/<case>", "cookies", lambda case: COOKIES[case]())
    app.add_url_rule("/file/<case>", "files", lambda case: FILES[case]())
    app.add_url_rule("/dir/<path:name>", "dir", lambda name: send_from_directory("files", name))
    app.add_url_rule("/abort/<int:code>", "stop", stop)
    app.add_url_rule("/abort/<int:code>/<text>", "stop_text", lambda code, text: abort(code, text))
    app.add_url_rule("/abort/response", "stop_response", lambda: abort(Response("mine", 409)))
