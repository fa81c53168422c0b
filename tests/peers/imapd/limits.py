"""What becomes of those who ask too much, or come too often."""

import threading

THROTTLED = "[LIMIT] Request is throttled. " \
    "Suggested Backoff Time: 200 milliseconds"
INVALID = "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"


class Limits:
    """Logins, shared by all connections."""

    def __init__(self, quirks, user, password, log, tokens):
        self.quirks, self.lock, self.log = quirks, threading.Lock(), log
        self.inside = self.most = self.fetched = 0
        self.user, self.password = user.encode(), password.encode()
        self.tokens, self.expired = tokens, set()

    def know(self, user, token):
        """The text of a refusal, or None where this token is good: one of
        the lines of the file that has not run out yet."""
        try:
            with open(self.tokens, "rb") as file:
                good = token in file.read().splitlines()
        except OSError:
            good = False
        with self.lock:
            if good and user == self.user and token not in self.expired:
                return None
        return "NO " + (self.quirks.text("oauth-curt", "AUTHENTICATE failed.")
                        if self.quirks.has("oauth-curt") else INVALID)

    def runs_out(self, session):
        """Whether what this connection came in with is good no more."""
        if session.token is None or not self.quirks.has("token-expires"):
            return False
        with self.lock:
            if session.messages_sent + session.appends >= \
                    self.quirks.number("token-expires"):
                self.expired.add(session.token)
            return session.token in self.expired

    def enter(self, user, password):
        """The text of a refusal, or None: then leave() is owed.  Password
        None: a token was looked at."""
        with self.lock:
            if user != self.user or password not in (None, self.password):
                return "NO [AUTHENTICATIONFAILED] wrong user or password"
            if self.quirks.has("most-logins") and \
                    self.inside >= self.quirks.number("most-logins"):
                return "NO [UNAVAILABLE] Maximum number of connections " \
                    "from user+IP exceeded"
            self.inside += 1
            if self.inside > self.most:
                self.most = self.inside
                self.log.write("#", 0, "%d logins at once" % self.most)
            if self.quirks.has("next-password"):
                self.password = self.quirks.text("next-password").encode()
        return None

    def leave(self):
        with self.lock:
            self.inside -= 1

    def sent(self):
        """A body went out, on whatever connection."""
        with self.lock:
            self.fetched += 1


def throttle(session, verb):
    """The text of a refusal because of what was asked before, or None."""
    quirks, server = session.quirks, session.server
    if not session.logged_in or verb == "LOGOUT":
        return None
    if server.limits.runs_out(session):
        return expire(session)
    moved = server.limits.fetched + server.received.count
    for name, count in (("throttle", session.commands),
                        ("throttle-all", moved)):
        if quirks.has(name) and count > quirks.number(name) and \
                quirks.fires(name):
            return _words(session, quirks)
    return None


def expire(session):
    """The text of the refusal, where it is not BYE."""
    words = session.quirks.text("token-text") \
        if session.quirks.has("token-text") else "NO " + INVALID
    if words.startswith("BYE"):
        session.wire.send_line("* " + words)
        session.wire.close()
    return words


def cut_off(session):
    """Between two messages of an answer, where a BYE can come."""
    if session.quirks.has("token-text") and \
            session.quirks.text("token-text").startswith("BYE") and \
            session.server.limits.runs_out(session):
        expire(session)


def _words(session, quirks):
    words = THROTTLED
    if quirks.has("throttle-text"):
        words = quirks.text("throttle-text")
    if not quirks.has("throttle-bye"):
        return "NO " + words
    session.close_after = True
    session.goodbye = "BYE Connection closed. 14"
    return "BAD " + words
