"""The answer as an ASGI application, for uvicorn."""

import asyncio
import os
from urllib.parse import parse_qs


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    query = parse_qs(scope["query_string"].decode())
    await asyncio.sleep(float(query.get("sleep", ["0"])[0]))
    line = "gen=%s pid=%d\n" % (os.environ.get("SERVER_STARTER_GENERATION", "0"), os.getpid())
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(line)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": line.encode()})
