"""IDLE (RFC 2177), as servers do it and as they should not."""

import select

STEP = 0.02  # seconds between looks at the folder


def offered(session):
    return ["IDLE"] if session.logged_in and session.quirks.has("idle") else []


def _came(session):
    """Whether the client has sent something, after at most STEP."""
    if session.wire.inbox:
        return True
    ready, _, _ = select.select([session.wire.socket], [], [], STEP)
    return bool(ready)


def _tell(session, before):
    """What has changed since before, a list of UIDs; the list of now."""
    now = [message.uid for message in session.folder.messages]
    left = list(before)
    for uid in before:
        if uid not in now:
            session.wire.send_line("* %d EXPUNGE" % (left.index(uid) + 1))
            left.remove(uid)
    if len(now) != len(left):
        session.wire.send_line("* %d EXISTS" % session.exists())
    return now


def _odd(session):
    """What the quirks do to a client that has just begun to wait."""
    quirks, line = session.quirks, session.wire
    if quirks.fires("idle-bye"):
        line.send_line("* BYE idled for too long")
        line.close()
    if quirks.fires("idle-storm"):
        there = session.exists()
        for _ in range(quirks.number("idle-storm")):
            line.send_line("* %d EXISTS" % (there + 1))
            line.send_line("* %d EXPUNGE" % (there + 1))
            line.send_line("* OK Still here")
    if quirks.fires("idle-end"):
        return "OK enough of this"
    return None


def answer(session, _args):
    if not session.quirks.has("idle"):
        return "BAD unknown command IDLE"
    if session.quirks.fires("idle-no"):
        return "NO not now"
    before = [message.uid for message in session.folder.messages] \
        if session.folder else []
    session.wire.send_line("+ idling")
    ended = _odd(session)
    if ended:
        return ended
    while not _came(session):
        if session.folder:
            before = _tell(session, before)
    if session.wire.read_line().strip().upper() != b"DONE":
        return "BAD expected DONE"
    if session.quirks.fires("idle-stall"):
        session.wire.stall()
    return "OK IDLE completed"
