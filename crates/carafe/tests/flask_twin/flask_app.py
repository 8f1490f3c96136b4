"""The Flask side of the comparison: every app of flask_app/, each on its own port.

Prints `NAME http://127.0.0.1:PORT` for each app, then `ready`, and serves until its standard input ends, so that it
never outlives the test that started it. Nothing in a body depends on the clock, on the port or on the machine.
"""

import logging
import os
import sys
import threading
import warnings
from importlib.metadata import version

from werkzeug.serving import make_server

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from flask_app import main_app, other_apps  # noqa: E402

FIXED_TIME = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT, the time of every file both apps serve
VERSIONS = {"Flask": "3.1.3", "Werkzeug": "3.1.9"}  # those the table was taken from


def fix_times():
    for folder in ("files", "static"):
        for base, _, names in os.walk(os.path.join(HERE, folder)):
            for name in names:
                os.utime(os.path.join(base, name), (FIXED_TIME, FIXED_TIME))


def main():
    for package, wanted in VERSIONS.items():
        if version(package) != wanted:
            sys.exit(f"{package} is {version(package)}, the table is of {wanted}")
    logging.disable(logging.CRITICAL)
    warnings.filterwarnings("ignore", "Current server name")  # the table asks for such hosts on purpose
    fix_times()
    apps = {"main": main_app.create(HERE), **other_apps.create_all(HERE)}
    for name, app in apps.items():
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"{name} http://127.0.0.1:{server.server_port}")
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
