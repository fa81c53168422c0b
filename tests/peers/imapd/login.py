"""AUTHENTICATE: who is let in, by password or by token."""

import base64
import binascii
import json

FIELD = b"\1"
NO_TOKEN = {"status": "401", "schemes": "bearer", "scope": "mail"}


def offered(quirks):
    names = quirks.text("oauth", "XOAUTH2 OAUTHBEARER").split() \
        if quirks.has("oauth") else ["PLAIN", "LOGIN"]
    return ["AUTH=" + name for name in names]


def _ask(session, prompt):
    session.wire.send(b"+ " + base64.b64encode(prompt))
    return session.wire.read_line()


def _plain(session, words):
    reply = words[0] if words else _ask(session, b"")
    parts = base64.b64decode(reply, validate=True).split(b"\0")
    if len(parts) != 3:
        return "BAD not PLAIN"
    session.wire.note("authzid=%s" % parts[0].decode("utf-8"))
    return session.check(parts[1], parts[2])


def _login(session, _words):
    user = base64.b64decode(_ask(session, b"User Name"))
    return session.check(user, base64.b64decode(_ask(session, b"Password")))


def _fields(message):
    """The keys of both messages: "auth" and whose mail, "user"."""
    parts = message.split(FIELD)
    if parts[-2:] != [b"", b""]:
        raise ValueError("not ended")
    found = dict(part.split(b"=", 1) for part in parts[:-2]
                 if not part.startswith(b"n,a="))
    for part in parts[:1]:
        if part.startswith(b"n,a=") and part.endswith(b","):
            found[b"user"] = part[4:-1].replace(b"=2C", b",") \
                .replace(b"=3D", b"=")
    return found


def _token(session, words, answer):
    """answer: what a client must say to the error before it is refused."""
    reply = words[0] if words else _ask(session, b"")
    found = _fields(base64.b64decode(reply, validate=True))
    scheme, _, token = found[b"auth"].partition(b" ")
    session.wire.note("user=%s" % found[b"user"].decode("utf-8"))
    refusal = None if scheme == b"Bearer" else "BAD not a bearer"
    refusal = refusal or session.server.limits.know(found[b"user"], token)
    if refusal is None:
        session.token = token
        return session.check(found[b"user"], None)
    if not session.quirks.has("oauth-curt"):
        heard = _ask(session, json.dumps(NO_TOKEN).encode())
        if heard != answer:
            return "BAD the error was not acknowledged"
    return refusal


MECHANISMS = {
    b"PLAIN": _plain,
    b"LOGIN": _login,
    b"XOAUTH2": lambda session, words: _token(session, words, b""),
    b"OAUTHBEARER": lambda session, words: _token(session, words, b"AQ=="),
}


def authenticate(session, args):
    mechanism = MECHANISMS.get(args[0].upper())
    if mechanism is None:
        return "NO unknown mechanism"
    try:
        return mechanism(session, args[1:])
    except (binascii.Error, KeyError):
        return "BAD cancelled"
