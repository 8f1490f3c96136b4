{{ html }}|{{ html|safe }}
