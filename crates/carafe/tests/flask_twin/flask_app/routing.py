"""Rules: converters, weights, backtracking, slashes, redirects, methods, url_for.

Every rule of RULES has the same view: `show` answers `endpoint key=value key=value` with the values in the order of
their names, as text. A list value is joined by `+`.
"""

from flask import request, url_for
from werkzeug.routing import BaseConverter, BuildError


class ListConverter(BaseConverter):
    """`a+b+c` to a list; the custom converter `list`."""

    def to_python(self, value):
        return value.split("+")

    def to_url(self, value):
        return "+".join(super(ListConverter, self).to_url(item) for item in value)


def text(value):
    return "+".join(value) if isinstance(value, list) else str(value)


def show(**values):
    return " ".join([request.endpoint] + [f"{key}={text(values[key])}" for key in sorted(values)])


# (rule, endpoint, options), registered in this order.
RULES = [
    ("/", "root", {}),
    # converters
    ("/c/str/<string:x>", "c_str", {}),
    ("/c/min/<string(minlength=3):x>", "c_min", {}),
    ("/c/max/<string(maxlength=3):x>", "c_max", {}),
    ("/c/len/<string(length=2):x>", "c_len", {}),
    ("/c/between/<string(minlength=2, maxlength=4):x>", "c_between", {}),
    ("/c/int/<int:x>", "c_int", {}),
    ("/c/fixed/<int(fixed_digits=4):x>", "c_fixed", {}),
    ("/c/minmax/<int(min=2, max=9):x>", "c_minmax", {}),
    ("/c/signed/<int(signed=True):x>", "c_signed", {}),
    ("/c/float/<float:x>", "c_float", {}),
    ("/c/fsigned/<float(signed=True):x>", "c_fsigned", {}),
    ("/c/frange/<float(min=1.0, max=2.5):x>", "c_frange", {}),
    ("/c/path/<path:x>", "c_path", {}),
    ("/c/path/<path:x>/edit", "c_path_edit", {}),
    ("/c/any/<any(red, green, 'light blue'):x>", "c_any", {}),
    ("/c/uuid/<uuid:x>", "c_uuid", {}),
    ("/c/list/<list:x>", "c_list", {}),
    ("/c/pair/<a>-<b>", "c_pair", {}),
    ("/c/date/<int:y>-<int:m>-<int:d>", "c_date", {}),
    ("/c/file/v<int:n>.txt", "c_file", {}),
    ("/c/try/<int(max=5):x>", "c_try_int", {}),
    ("/c/try/<x>", "c_try_string", {}),
    # weights
    ("/w/<x>", "w_string", {}),
    ("/w/<int:x>", "w_int", {}),
    ("/w/<float:x>", "w_float", {}),
    ("/w/<path:x>", "w_path", {}),
    ("/w/static", "w_static", {}),
    ("/w/<any(foo, bar):x>", "w_any", {}),
    ("/w/v<int:n>", "w_vint", {}),
    ("/w/<a>-<b>", "w_pair", {}),
    # static before dynamic, and back
    ("/u/<x>/edit", "u_edit", {}),
    ("/u/me/<y>", "u_me", {}),
    ("/u/<x>/<y>/deep", "u_deep", {}),
    # slashes
    ("/s/branch/", "s_branch", {"methods": ["GET", "POST"]}),
    ("/s/leaf", "s_leaf", {}),
    ("/s/loose", "s_loose", {"strict_slashes": False}),
    ("/s/loose2/", "s_loose2", {"strict_slashes": False}),
    ("/s/x/y", "s_merged", {}),
    ("/s/nomerge/<path:x>", "s_nomerge", {"merge_slashes": False}),
    ("/s/item/<int:x>/", "s_item", {}),
    # defaults, redirect_to, alias
    ("/d/all/", "d_all", {"defaults": {"page": 1}}),
    ("/d/all/page/<int:page>", "d_all", {}),
    ("/d/old/<int:id>", "d_old", {"redirect_to": "d/new/<id>"}),
    ("/d/new/<int:id>", "d_new", {}),
    ("/d/real", "d_real", {}),
    ("/d/nick", "d_real", {"alias": True}),
    ("/d/build-only", "d_build_only", {"build_only": True}),
    # methods
    ("/m/get", "m_get", {}),
    ("/m/post", "m_post", {"methods": ["POST"]}),
    ("/m/many", "m_many", {"methods": ["GET", "PUT", "PATCH", "DELETE"]}),
    ("/m/split", "m_split_get", {"methods": ["GET"]}),
    ("/m/split", "m_split_post", {"methods": ["POST"]}),
    ("/m/own-options", "m_own_options", {"methods": ["GET", "OPTIONS"]}),
    ("/m/no-options", "m_no_options", {"provide_automatic_options": False}),
    ("/m/head", "m_head", {"methods": ["HEAD"]}),
    # unicode in a rule
    ("/caf\u00e9/<x>", "cafe", {}),
]


# The answer of /urls/<case>: url_for called in that request.
URLS = {
    "root": lambda: url_for("root"),
    "string": lambda: url_for("c_str", x="a b?#\u00e9@:,;+"),
    "slash-in-string": lambda: url_for("c_str", x="a/b"),
    "int": lambda: url_for("c_int", x=7),
    "fixed": lambda: url_for("c_fixed", x=42),
    "negative": lambda: url_for("c_signed", x=-3),
    "float": lambda: url_for("c_float", x=1.5),
    "path": lambda: url_for("c_path", x="a/b c/d"),
    "any": lambda: url_for("c_any", x="light blue"),
    "list": lambda: url_for("c_list", x=["a", "b c"]),
    "pair": lambda: url_for("c_pair", a="x", b="y"),
    "unicode-rule": lambda: url_for("cafe", x="\u00fc"),
    "query": lambda: url_for("root", q="a b&c=d/\u00e9"),
    "query-list": lambda: url_for("root", tag=["x", "y"]),
    "query-number": lambda: url_for("root", page=2),
    "none-dropped": lambda: url_for("root", a=None, b="1"),
    "extra": lambda: url_for("c_int", x=1, more="yes"),
    "anchor": lambda: url_for("root", _anchor="top of page"),
    "query-anchor": lambda: url_for("root", q="1", _anchor="end"),
    "external": lambda: url_for("c_int", x=1, _external=True),
    "external-https": lambda: url_for("c_int", x=1, _external=True, _scheme="https"),
    "defaults": lambda: url_for("d_all", page=1),
    "defaults-other": lambda: url_for("d_all", page=2),
    "alias": lambda: url_for("d_real"),
    "build-only": lambda: url_for("d_build_only"),
    "static": lambda: url_for("static", filename="sub/style.css"),
    "blueprint": lambda: url_for("shop.item", id=3),
    "nested": lambda: url_for("shop.cart.view"),
    "unknown": lambda: url_for("no_such_endpoint"),
    "missing": lambda: url_for("c_int"),
}


def urls(case):
    try:
        return URLS[case]()
    except BuildError:
        return "BuildError"


def add(app):
    app.url_map.converters["list"] = ListConverter
    for rule, endpoint, options in RULES:
        app.add_url_rule(rule, endpoint, show, **options)
    app.add_url_rule("/urls/<case>", "urls", urls)
