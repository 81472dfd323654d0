"""The answer as a WSGI application, for gunicorn."""

import os
import time
from urllib.parse import parse_qs


def app(environ, start_response):
    environ["wsgi.input"].read()
    query = parse_qs(environ["QUERY_STRING"])
    time.sleep(float(query.get("sleep", ["0"])[0]))
    line = "gen=%s pid=%d\n" % (os.environ.get("SERVER_STARTER_GENERATION", "0"), os.getpid())
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(line)))])
    return [line.encode()]
