#!/usr/bin/env python3
"""Meets every quirk of the scripted server with an honest client.

For each quirk the client reads all mail, then appends two messages; what it
sees must be what OUTCOMES says, and no thread of the server may fail.
"""

import argparse
import os
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "imapd"))

import quirks  # noqa: E402
import rawappend  # noqa: E402
import rawimap  # noqa: E402
import server  # noqa: E402

# quirk: (value, what reading gives, what appending gives); a quirk that is
# not named here has no value and changes neither
OUTCOMES = {
    "preauth": ("", "BAD", "BAD"),
    "greeting-bye": ("", "greeting", "greeting"),
    "greeting-full": ("0", "greeting", "greeting"),
    "greeting-stall": ("", "timed out", "timed out"),
    "greeting-close": ("", "closed", "closed"),
    "greeting-garbage": ("", "greeting", "greeting"),
    "capability": ("IMAP4rev1", "ok", "ok"),
    "logindisabled": ("", "NO [PRIVACYREQUIRED]", "NO [PRIVACYREQUIRED]"),
    "login-no": ("", "NO [UNAVAILABLE]", "NO [UNAVAILABLE]"),
    "login-bye": ("", "closed", "closed"),
    "cut-after-bytes": ("1500", "closed", "ok"),
    "stall-after-bytes": ("1500", "timed out", "ok"),
    "cut-at-command": ("FETCH", "closed", "ok"),
    "stall-at-command": ("FETCH", "timed out", "ok"),
    "bye-at-command": ("FETCH", "closed", "ok"),
    "no-at-command": ("FETCH", "NO [SERVERBUG]", "ok"),
    "bad-at-command": ("FETCH", "BAD", "ok"),
    "slow": ("200000", "ok", "ok"),
    "delay": ("1", "ok", "ok"),
    "early-bad": ("FETCH", "ok", "ok"),
    "throttle": ("2", "NO [LIMIT]", "NO [LIMIT]"),
    "throttle-all": ("0", "NO [LIMIT]", "NO [LIMIT]"),
    "most-logins": ("0", "NO [UNAVAILABLE]", "NO [UNAVAILABLE]"),
    "next-password": ("another", "ok", "NO [AUTHENTICATIONFAILED]"),
    "expunge": ("5", "INBOX: 4 of 5", "ok"),
    "long-line": ("5000000", "ok", "ok"),
    "deep-nesting": ("3000", "ok", "ok"),
    "huge-literal": ("1000000", "timed out", "ok"),
    "vanish": ("Sent", "NO [NONEXISTENT]", "ok"),
    "vanish-in-fetch": ("Sent", "NO [NONEXISTENT]", "NO [TRYCREATE]"),
    "exists-extra": ("3", "INBOX: 5 of 8", "ok"),
    "status-extra": ("3", "ok", "ok"),
    "nil-body": ("5", "INBOX: 4 of 5", "ok"),
    "nil-whole": ("", "INBOX: 0 of 5", "ok"),
    "empty-body": ("5", "INBOX: wrong size", "ok"),
    "wrong-size": ("7", "INBOX: wrong size", "ok"),
    "zero-size": ("", "INBOX: wrong size", "ok"),
    "date-nil": ("2", "INBOX: 4 of 5", "ok"),
    "date-zero": ("2", "odd date", "ok"),
    "date-absent": ("2", "INBOX: 4 of 5", "ok"),
    "split-fetch": ("", "INBOX: 0 of 5", "ok"),
    "fetch-no": ("5", "NO [SERVERBUG]", "ok"),
    "missing": ("5", "INBOX: 4 of 5", "ok"),
    "twice": ("5", "INBOX: 6 of 5", "ok"),
    "cut-in-body": ("3", "closed", "ok"),
    "stall-in-body": ("3", "timed out", "ok"),
    "cut-after-messages": ("3", "closed", "ok"),
    "bye-after-messages": ("3", "closed", "ok"),
    "append-no": ("two", "ok", "one of two"),
    "append-overquota": ("1", "ok", "one of two"),
    "append-bad-close": ("two", "ok", "closed"),
    "append-keyword-no": ("", "ok", "one of two"),
    "append-limit": ("30", "ok", "one of two"),
    "append-cut": ("1", "ok", "closed"),
    "append-cut-unstored": ("1", "ok", "closed"),
    "list-literal": ("", "ok", "ok"),
    "idle-out": ("9000", "ok", "ok"),
}
MAIL = [rawappend.Message(b"Subject: one\r\n\r\n1\r\n", ["\\Seen"]),
        rawappend.Message(b"Subject: two\r\n\r\nlonger than the other\r\n",
                          ["\\Seen", "keyword"])]
SILENCE = 0.3  # seconds until the client calls it a stall


def login(port):
    imap = rawimap.Imap("127.0.0.1", port, timeout=SILENCE)
    imap.login(b"user", b"password")
    return imap


def read_all(port):
    imap = login(port)
    for _, name in list(imap.folders()):
        exists, whole = imap.open(name).get("EXISTS", 0), 0
        answers, _ = imap.command(
            b"FETCH 1:%d (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])" %
            exists) if exists else ([], None)
        for answer in answers:
            items = rawimap.fetch_items(answer) or {}
            if None in items.values() or not {
                    b"BODY[]", b"INTERNALDATE", b"UID"} <= items.keys():
                continue
            try:
                rawimap.epoch(items[b"INTERNALDATE"])
            except ValueError:
                return "odd date"
            if int(items[b"RFC822.SIZE"]) != len(items[b"BODY[]"]):
                return name.decode() + ": wrong size"
            whole += 1
        if whole != exists:
            return "%s: %d of %d" % (name.decode(), whole, exists)
    return "ok"


def append_two(port):
    results = list(rawappend.append(login(port), b"Sent", MAIL))
    refusals = [text for _, _, text in results if text]
    if len(refusals) == 1:
        return "one of two"
    return "NO " + refusals[0] if refusals else "ok"


def outcome(action, port):
    try:
        return action(port)
    except TimeoutError:
        return "timed out"
    except (OSError, rawimap.ImapError) as error:
        return "closed" if "closed" in str(error) or \
            isinstance(error, OSError) else str(error)


def try_quirk(name, directory):
    """What goes wrong with a quirk, as a text; "" if it does what it must."""
    value, *wanted = OUTCOMES.get(name, ("", "ok", "ok"))
    imapd = server.Server(argparse.Namespace(
        dir=directory, mailbox=None, user="user", password="password",
        cert=None, key=None, imaps=False, tls=None,
        quirk=[name + "=" + value]))
    threading.Thread(target=imapd.run, daemon=True).start()
    got = [outcome(action, imapd.port) for action in (read_all, append_two)]
    return "".join("%s: wanted %s, got %s\n" % (name, w, g)
                   for w, g in zip(wanted, got) if not g.startswith(w))


def main():
    failures = []
    threading.excepthook = lambda args: failures.append(
        "server: %r\n" % args.exc_value)
    for name in quirks.TABLE:
        with tempfile.TemporaryDirectory() as directory:
            failures.append(try_quirk(name, directory))
    sys.stdout.write("".join(failures))
    print("%d quirks" % len(quirks.TABLE))
    sys.exit(any(failures))


if __name__ == "__main__":
    main()
