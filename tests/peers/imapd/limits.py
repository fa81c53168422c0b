"""What becomes of those who ask too much, or come too often."""

import threading

THROTTLED = "[LIMIT] Request is throttled. " \
    "Suggested Backoff Time: 200 milliseconds"


class Limits:
    """Logins, shared by all connections."""

    def __init__(self, quirks, user, password, log):
        self.quirks, self.lock, self.log = quirks, threading.Lock(), log
        self.inside = self.most = self.fetched = 0
        self.user, self.password = user.encode(), password.encode()

    def enter(self, user, password):
        """The text of a refusal, or None: then leave() is owed."""
        with self.lock:
            if (user, password) != (self.user, self.password):
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
    moved = server.limits.fetched + server.received.count
    for name, count in (("throttle", session.commands),
                        ("throttle-all", moved)):
        if quirks.has(name) and count > quirks.number(name) and \
                quirks.fires(name):
            return _words(session, quirks)
    return None


def _words(session, quirks):
    words = THROTTLED
    if quirks.has("throttle-text"):
        words = quirks.text("throttle-text")
    if not quirks.has("throttle-bye"):
        return "NO " + words
    session.close_after = True
    session.goodbye = "BYE Connection closed. 14"
    return "BAD " + words
