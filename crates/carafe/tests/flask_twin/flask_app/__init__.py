"""The apps, by subject: main_app joins routing, requests, responses, state, pages; other_apps are the small ones."""
