"""A small reverse proxy for tests.

Reads one JSON object from the command line: `upstream` (host:port, or unix:PATH), `strip` (a prefix that
is taken off), `set` (headers; `$remote`, `$host` and `$scheme` stand for what the client sent, and null
removes), `append_for` (adds the client to X-Forwarded-For), `tls` (a file with a certificate and its key),
`status` (answers this by itself). Prints its port.
"""

import http.client
import json
import socket
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONFIG = json.loads(sys.argv[1])


class Unix(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(CONFIG["upstream"].removeprefix("unix:"))


class Proxy(BaseHTTPRequestHandler):
    server_version = CONFIG.get("server", "nginx/0")
    sys_version = ""
    timeout = 10

    def do_GET(self):
        if "status" in CONFIG:
            return self.answer(CONFIG["status"], CONFIG.get("headers", {}), b"by the proxy\n")
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = {
            "$remote": self.client_address[0],
            "$host": headers["host"],
            "$scheme": "https" if "tls" in CONFIG else "http",
        }
        if CONFIG.get("append_for"):
            before = headers.get("x-forwarded-for")
            headers["x-forwarded-for"] = f"{before}, {said['$remote']}" if before else said["$remote"]
        for name, value in CONFIG.get("set", {}).items():
            headers.pop(name.lower(), None)
            if value is not None:
                for variable, text in said.items():
                    value = value.replace(variable, text)
                headers[name.lower()] = value
        path = self.path
        if path.startswith(CONFIG.get("strip", "/")):
            path = "/" + path[len(CONFIG.get("strip", "/")) :].lstrip("/")
        try:
            upstream = CONFIG["upstream"]
            kind = Unix if upstream.startswith("unix:") else http.client.HTTPConnection
            connection = kind("localhost" if kind is Unix else upstream, timeout=10)
            headers["connection"] = "close"
            connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            self.answer(response.status, dict(response.getheaders()), response.read())
        except OSError as error:
            self.answer(502, {}, f"{error}\n".encode())

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("connection", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
if "tls" in CONFIG:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CONFIG["tls"])
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
