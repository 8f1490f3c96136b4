"""What the framework knows of the request that a thread works for."""


def server_error(_frame):
    return None
