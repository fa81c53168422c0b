#!/usr/bin/env python3
"""A token endpoint for tests, on a free port of 127.0.0.1.

  tokens.py serve DIR              runs it; DIR/port, when it answers, DIR/log
  tokens.py get PORT USER [SECONDS]   a new token of that user, on standard
                                   output; good for so long (3600)

It answers POST /token as RFC 6749 (4.3) has it, and GET /introspect?token=T
as RFC 7662 (2.2), which is what Dovecot asks.
"""

import http.client
import http.server
import json
import os
import secrets
import sys
import time
import urllib.parse

ISSUED = {}  # token: (user, when it runs out)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self, status, facts):
        body = json.dumps(facts).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        form = urllib.parse.parse_qs(self.rfile.read(size).decode())
        if self.path != "/token" or "username" not in form:
            self._answer(400, {"error": "invalid_request"})
            return
        seconds = int(form.get("lifetime", ["3600"])[0])
        token = "ya29." + secrets.token_urlsafe(60)
        ISSUED[token] = form["username"][0], time.time() + seconds
        self._answer(200, {"access_token": token, "token_type": "Bearer",
                           "expires_in": seconds})

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        token = urllib.parse.parse_qs(url.query).get("token", [""])[0]
        user, end = ISSUED.get(token, (None, 0))
        if url.path != "/introspect":
            self._answer(404, {})
        elif end <= time.time():
            self._answer(200, {"active": False})
        else:
            self._answer(200, {"active": True, "username": user,
                               "scope": "mail", "exp": int(end)})

    def log_message(self, *words):
        self.server.log.write(words[0] % words[1:] + "\n")
        self.server.log.flush()


def serve(directory):
    os.makedirs(directory, exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.log = open(os.path.join(directory, "log"), "a", encoding="utf-8")
    port = os.path.join(directory, "port")
    with open(port + ".new", "w", encoding="ascii") as file:
        file.write("%d\n" % server.server_port)
    os.rename(port + ".new", port)
    server.serve_forever()


def get(port, user, seconds="3600"):
    line = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    line.request("POST", "/token", urllib.parse.urlencode(
        {"grant_type": "password", "username": user, "lifetime": seconds}))
    print(json.load(line.getresponse())["access_token"])


if __name__ == "__main__":
    {"serve": serve, "get": get}[sys.argv[1]](*sys.argv[2:])
