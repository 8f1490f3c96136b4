"""The app `main`: default settings, one URL prefix for each subject."""

from flask import Flask

from . import pages, requests, responses, routing, state


def create(here):
    app = Flask("twin", root_path=here)  # templates/ and static/ of this folder
    app.secret_key = "twin-secret"
    # Carafe's default; the app `hosts` keeps Flask's, to show the difference.
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    for part in (routing, requests, responses, state, pages):
        part.add(app)
    return app
