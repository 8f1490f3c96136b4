"""What outlives a request: sessions and flashed messages; and `g`, which does not."""

from flask import Response, flash, g, get_flashed_messages, render_template, request, session


def plain(body):
    return Response(body, content_type="text/plain; charset=utf-8")


def contents():
    """`key=value` lines, keys sorted, without those that start with `_`."""
    return plain("\n".join(f"{key}={session[key]}" for key in sorted(session) if not key.startswith("_")))


def add(app):
    @app.get("/session/set/<key>/<value>")
    def session_set(key, value):
        session[key] = value
        return "set"

    @app.get("/session/count")
    def session_count():
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    app.add_url_rule("/session", "session_contents", contents)

    @app.get("/session/pop/<key>")
    def session_pop(key):
        return session.pop(key, "absent")

    @app.get("/session/clear")
    def session_clear():
        session.clear()
        return "cleared"

    @app.get("/session/permanent")
    def session_permanent():
        session.permanent = True
        session["kept"] = "yes"
        return "permanent"

    @app.get("/session/untouched")
    def session_untouched():
        return "untouched"

    @app.get("/flash/add")  # ?message=..&category=..
    def flash_add():
        flash(request.args["message"], request.args.get("category", "message"))
        return "flashed"

    @app.get("/flash/show")  # `category: message` lines
    def flash_show():
        return plain("\n".join(f"{c}: {m}" for c, m in get_flashed_messages(with_categories=True)))

    @app.get("/flash/only/<category>")
    def flash_only(category):
        return plain("\n".join(get_flashed_messages(category_filter=[category])))

    @app.get("/flash/page")
    def flash_page():
        return render_template("flashes.html")

    @app.get("/g")  # a second request must not see the first one's value
    def use_g():
        before = g.get("seen", "fresh")
        g.seen = "stale"
        return before
