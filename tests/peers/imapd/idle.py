"""IDLE (RFC 2177), as servers do it and as they should not."""

import select

STEP = 0.02  # seconds between looks at the folder


def offered(session):
    return [name for name in ("IDLE", "NOTIFY")
            if session.logged_in and session.quirks.has(name.lower())]


def notify(session, args):
    """NOTIFY SET and NOTIFY NONE: what other folders hold, while it idles."""
    quirks = session.quirks
    if not quirks.has("notify"):
        return "BAD unknown command NOTIFY"
    if quirks.fires("notify-no"):
        return "NO [NOTIFICATIONOVERFLOW] not for these mailboxes"
    session.notified = args[:1] != [] and \
        args[0].upper() == b"SET" and \
        not quirks.has("notify-lies")
    return "OK NOTIFY completed"


def _others(session):
    """{name: (messages, UIDNEXT)} of what is not selected."""
    if not getattr(session, "notified", False):
        return {}
    return {folder.name: (len(folder.messages), folder.uidnext)
            for folder in session.account.folders
            if folder is not session.folder}


def _tell_others(session, before):
    now = _others(session)
    for name, (messages, uidnext) in now.items():
        if name in before and before[name] != (messages, uidnext):
            session.wire.send_line('* STATUS "%s" (MESSAGES %d UIDNEXT %d)' % (
                name, messages, uidnext))
    return now


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
    if quirks.fires("notify-storm"):
        for _ in range(quirks.number("notify-storm")):
            line.send_line('* STATUS "Sent" (MESSAGES 7 UIDNEXT 8)')
            line.send_line('* LIST () "/" "Gone"')
    if quirks.fires("notify-overflow"):
        line.send_line("* OK [NOTIFICATIONOVERFLOW] too much")
        session.notified = False
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
    others = _others(session)
    while not _came(session):
        if session.folder:
            before = _tell(session, before)
        others = _tell_others(session, others)
    if session.wire.read_line().strip().upper() != b"DONE":
        return "BAD expected DONE"
    if session.quirks.fires("idle-stall"):
        session.wire.stall()
    return "OK IDLE completed"
