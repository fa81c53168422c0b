"""The ways in which the scripted server can misbehave.

A quirk is given as NAME, NAME=VALUE or NAME=VALUE@TIMES; with @TIMES it shows
itself so often in the life of the server, then no more: a client that comes
back finds the server healed. UID stands for one message, or for all of them
when it is left out; N counts within one connection, from 1.
"""

import threading

TABLE = {
    # at the start
    "preauth": "greets with PREAUTH",
    "greeting-bye": "[TEXT] greets with BYE and closes",
    "greeting-full": "N: BYE to every connection after the N-th",
    "greeting-stall": "never greets",
    "greeting-close": "closes instead of greeting",
    "greeting-garbage": "greets like an SMTP server",
    "tls-stall": "never answers the TLS handshake",
    "capability": "STRING instead of the usual capabilities",
    "no-starttls": "does not offer STARTTLS",
    "starttls-no": "offers STARTTLS and answers NO",
    "starttls-inject": "TEXT in plain behind the OK of STARTTLS",
    "logindisabled": "LOGINDISABLED, and no login without TLS",
    "login-no": "[TEXT] refuses every login",
    "login-bye": "[TEXT] says BYE to every login",
    "most-logins": "N: no more at one time",
    "next-password": "TEXT: the password from the second login on",
    "oauth": "[MECHANISMS] XOAUTH2 OAUTHBEARER and no passwords; the good "
             "tokens are the lines of DIR/tokens",
    "oauth-curt": "[TEXT] refuses a token without telling why first",
    "token-expires": "N: no token is good for more messages",
    "token-text": "TEXT: what it says then, NO ... or BYE ...",
    "no-uidplus": "no UIDPLUS, no APPENDUID",
    "no-literal+": "no LITERAL+",
    "no-multiappend": "no MULTIAPPEND",
    "no-namespace": "no NAMESPACE",
    "no-sasl-ir": "no SASL-IR",
    "compress": "COMPRESS=DEFLATE",
    "compress-no": "offers COMPRESS=DEFLATE and answers NO",
    "compress-garbage": "TEXT in plain behind the OK of COMPRESS, and no more",
    "compress-cut": "BYTES: closes when so many compressed ones were sent",
    # the line
    "cut-after-bytes": "BYTES: closes when so many were sent",
    "stall-after-bytes": "BYTES: stops when so many were sent",
    "cut-at-command": "NAME: closes when this command comes",
    "stall-at-command": "NAME: never answers this command",
    "bye-at-command": "NAME: says BYE to this command and closes",
    "no-at-command": "NAME: answers NO to this command",
    "bad-at-command": "NAME: answers BAD to this command",
    "slow": "BYTES a second at most",
    "dribble": "sends what is short one octet at a time",
    "early-bad": "NAME: BAD to this command when it did not wait",
    "early-lost": "forgets what came behind an EXAMINE before its answer",
    "delay": "MILLISECONDS before the answer to each command",
    "throttle": "N: NO [LIMIT] to every command after so many",
    "throttle-all": "N: likewise, after so many messages came or went",
    "throttle-text": "TEXT: what it says then, of other words or times",
    "throttle-bye": "says so with BAD and BYE, and closes",
    "idle-out": "MILLISECONDS without a command, then BYE, and it closes",
    # IDLE
    "idle": "IDLE",
    "idle-no": "NO to IDLE",
    "notify": "NOTIFY (RFC 5465)",
    "notify-no": "offers NOTIFY and answers NO",
    "notify-lies": "says OK to NOTIFY, and tells nothing",
    "notify-storm": "N: so many lines about other folders when it idles",
    "notify-overflow": "gives NOTIFY up when it idles",
    "idle-bye": "BYE to a client that idles, and closes",
    "idle-end": "OK to IDLE without being asked",
    "idle-stall": "never answers DONE",
    "idle-storm": "N: a message comes and goes so often while it idles",
    # answers that do not belong there
    "alert-no-text": "`* OK [ALERT]` without text before FETCH answers",
    "unknown-untagged": "[TEXT] an unknown untagged line between messages",
    "unsolicited": "FETCH (FLAGS), EXISTS, RECENT between messages",
    "expunge": "UID: is expunged at the first FETCH of bodies, and told so",
    "long-line": "BYTES in one untagged line at EXAMINE",
    "deep-nesting": "N parentheses in a FETCH answer",
    "huge-literal": "[SIZE] announces a body of this size, then stops",
    # folders
    "vanish": "FOLDER (wire name): NO [NONEXISTENT] to EXAMINE",
    "vanish-in-fetch": "FOLDER: NO [NONEXISTENT] half-way in a FETCH of bodies",
    "exists-extra": "N more in EXISTS than there are",
    "status-extra": "N more in STATUS than there are",
    "no-uidvalidity": "EXAMINE tells no UIDVALIDITY",
    "uidvalidity-moves": "another UIDVALIDITY at each EXAMINE",
    "list-literal": "folder names as literals",
    "list-status": "LIST-EXTENDED and LIST-STATUS",
    # changes
    "condstore": "CONDSTORE",
    "qresync": "CONDSTORE and QRESYNC",
    "enable-no": "NO to ENABLE",
    "modseq": "N: is HIGHESTMODSEQ whatever happens; 0: there is none",
    "modseq-falls": "HIGHESTMODSEQ is less each time that it is asked for",
    "changes-no": "BAD to CHANGEDSINCE",
    "changes-forget": "leaves out the last message that changed",
    "vanished-forgets": "leaves out one UID that is gone",
    # messages
    "nil-body": "[UID] NIL for the body and any part of it",
    "nil-whole": "[UID] NIL for BODY[], its parts can be read",
    "nil-by-uid": "[UID] BODY[] NIL to UID FETCH, the body to FETCH",
    "empty-body": "[UID] BODY[] {0}",
    "quoted-body": "[UID] BODY[] as a quoted string where that can be",
    "literal8-body": "[UID] BODY[] as ~{n}",
    "wrong-size": "DELTA added to RFC822.SIZE",
    "zero-size": "[UID] RFC822.SIZE 0",
    "date-nil": "[UID] INTERNALDATE NIL",
    "date-zero": '[UID] INTERNALDATE "00-Jan-0000 00:00:00 +0000"',
    "date-absent": "[UID] no INTERNALDATE in the answer",
    "split-fetch": "two answers for a message, the body in the second",
    "uid-last": "UID behind the body",
    "fetch-no": "UID: NO to a FETCH of bodies when its turn comes",
    "missing": "UID: no answer for it, and OK",
    "twice": "UID: answered twice",
    "reverse": "answers in falling order",
    "cut-in-body": "N: closes in the middle of the N-th body",
    "stall-in-body": "N: stops in the middle of the N-th body",
    "cut-after-messages": "N: closes behind the N-th message",
    "bye-after-messages": "N: says BYE behind the N-th message",
    # BODYSTRUCTURE
    "structure": "TEXT: it is that, of every message",
    "structure-deep": "N: so many multiparts in each other",
    "structure-long": "[UID] takes more than a megabyte",
    "structure-no": "UID: NO to a FETCH of it when its turn comes",
    "structure-cut": "UID: closes instead of telling it",
    # APPEND
    "append-no": "TEXT: NO to messages that hold it",
    "append-overquota": "N: NO [OVERQUOTA] when so many are stored",
    "append-bad-close": "TEXT: BAD to messages that hold it, and closes",
    "append-keyword-no": "NO to any flag but the system's",
    "append-limit": "BYTES: APPENDLIMIT, NO [TOOBIG] above it",
    "append-cut": "N: stores the N-th APPEND, closes without an answer",
    "append-cut-unstored": "N: takes the N-th APPEND, stores nothing, closes",
    "append-late": "answers an APPEND behind the next command, if it is there",
    "append-discard": "[TEXT] OK to messages that hold it, stores nothing",
    "append-flips": "TEXT: stores messages that hold it with a byte changed",
    "append-adds-header": "stores a Received: line in front",
    "append-forgets-flags": "stores no flags",
    "append-forgets-date": "stores its own INTERNALDATE",
    "fixed-flags": "PERMANENTFLAGS without \\*",
    "create-no": "[FOLDER] NO to CREATE",
    "case-blind": "sees no difference between a and A in folder names",
}

EVERY = ""


class Quirks:
    """The quirks in force, shared by all connections."""

    def __init__(self, words):
        self.lock = threading.Lock()
        self.values, self.left = {}, {}
        for word in words:
            name, _, value = word.partition("=")
            value, at, times = value.rpartition("@")
            if not at or not times.isdigit():
                value, times = word.partition("=")[2], None
            if name not in TABLE:
                raise ValueError("unknown quirk " + name)
            self.values.setdefault(name, []).append(value)
            self.left[name] = int(times) if times else None

    def has(self, name):
        """Whether it is in force, without counting it."""
        return name in self.values and self.left[name] != 0

    def text(self, name, default=""):
        return self.values[name][0] or default

    def number(self, name, default=0):
        return int(self.values[name][0] or default)

    def _take(self, name):
        with self.lock:
            if self.left[name] == 0:
                return False
            if self.left[name] is not None:
                self.left[name] -= 1
            return True

    def fires(self, name, key=EVERY):
        """Whether it shows itself now: key must be one of its values, unless
        a value is empty or key is."""
        if not self.has(name):
            return False
        values = self.values[name]
        if key == EVERY or EVERY in values or str(key) in values:
            return self._take(name)
        return False

    def fires_in(self, name, data):
        """Whether the text of one of its values occurs in data."""
        if self.has(name) and any(value.encode() in data
                                  for value in self.values[name]):
            return self._take(name)
        return False


def listing():
    return "".join("%-22s%s\n" % item for item in TABLE.items())
