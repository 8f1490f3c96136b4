"""What a handler can learn of its request: `/echo/<case>` answers with one part of it, as text/plain.

Multi-valued things are written one key a line, `key=first,second`, keys sorted.
"""

from flask import Response, request


def pairs(values):
    return "\n".join(f"{key}={','.join(values.getlist(key))}" for key in sorted(values.keys()))


def authorization():
    auth = request.authorization
    if auth is None:
        return "none"
    if auth.type == "basic":
        return f"basic {auth.username}:{auth.password}"
    return f"{auth.type} {auth.token}"


ECHO = {
    "method": lambda: request.method,
    "path": lambda: request.path,
    "full_path": lambda: request.full_path,
    "url": lambda: request.url,
    "base_url": lambda: request.base_url,
    "root_url": lambda: request.root_url,
    "host_url": lambda: request.host_url,
    "host": lambda: request.host,
    "scheme": lambda: request.scheme,
    "is_secure": lambda: str(request.is_secure).lower(),
    "script_root": lambda: request.script_root,
    "query_string": lambda: request.query_string.decode("ascii"),
    "remote_addr": lambda: request.remote_addr,
    "endpoint": lambda: request.endpoint,
    "rule": lambda: str(request.url_rule),
    "args": lambda: pairs(request.args),
    "arg-key": lambda: request.args["key"],
    "arg-get": lambda: request.args.get("key", "absent"),
    # A value that is not an integer counts as absent.
    "arg-int": lambda: str(request.args.get("n", -1, type=int)),
    "form": lambda: pairs(request.form),
    "form-key": lambda: request.form["key"],
    "values": lambda: pairs(request.values),
    "data": lambda: request.get_data(),
    "data-length": lambda: str(len(request.get_data())),
    "cookies": lambda: pairs(request.cookies),
    "header": lambda: request.headers.get("X-Twin", "absent"),
    "authorization": authorization,
    "user_agent": lambda: request.user_agent.string,
    "content_type": lambda: request.content_type or "none",
    "content_length": lambda: str(request.content_length),
    "mimetype": lambda: request.mimetype,
    "charset": lambda: request.mimetype_params.get("charset", "none"),
    "referrer": lambda: request.referrer or "none",
    "is_json": lambda: str(request.is_json).lower(),
    "accept": lambda: str(request.accept_mimetypes.best_match(["text/html", "application/json"])),
    "accept-language": lambda: str(request.accept_languages.best_match(["en", "ko", "fr"])),
    "accept-encoding": lambda: str(request.accept_encodings.best_match(["gzip", "br"])),
    "access_route": lambda: ",".join(request.access_route),
}

# `/json/<case>` answers the parsed body as JSON.
JSON = {
    "plain": lambda: request.get_json(),
    "silent": lambda: request.get_json(silent=True),
    "force": lambda: request.get_json(force=True),
    "force-silent": lambda: request.get_json(force=True, silent=True),
}

ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def echo(case, rest=""):
    return Response(ECHO[case](), content_type="text/plain; charset=utf-8")


def files():
    """A line a field: `name=value`, or `name: filename, type, size, content` for a file."""
    lines = [f"{key}={value}" for key, value in request.form.items(multi=True)]
    for key, part in request.files.items(multi=True):
        content = part.read()
        lines.append(f"{key}: {part.filename}, {part.mimetype}, {len(content)}, {content.decode()}")
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


def add(app):
    app.add_url_rule("/echo/<case>", "echo", echo, methods=ANY)
    app.add_url_rule("/echo/<case>/<path:rest>", "echo_rest", echo, methods=ANY)
    app.add_url_rule("/upload", "upload", files, methods=["POST"])

    @app.post("/upload/need")  # the file field is required: without it, 400
    def need():
        return request.files["doc"].filename

    @app.post("/json/<case>")
    def parsed(case):
        return app.json.response(JSON[case]())
