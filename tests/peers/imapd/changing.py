"""What changes in an account, and who is told of it: STORE, COPY, EXPUNGE,
DELETE, RENAME, UNSUBSCRIBE; CONDSTORE and QRESYNC (RFC 7162), and how servers
lie there."""

from mailbox import members

NEEDS_FOLDER = {"STORE", "COPY", "EXPUNGE"}
VERBS = NEEDS_FOLDER | {"ENABLE", "DELETE", "RENAME", "UNSUBSCRIBE"}


def offered(quirks):
    names = ["CONDSTORE", "ENABLE"] if quirks.has("condstore") or \
        quirks.has("qresync") else []
    return names + ["QRESYNC"] if quirks.has("qresync") else names


def highest(quirks, folder):
    """What it says to be HIGHESTMODSEQ."""
    if quirks.has("modseq"):
        return quirks.number("modseq")
    if quirks.has("modseq-falls"):
        folder.asked += 1
        return (1 << 40) - folder.asked
    return folder.modseq


def told(quirks, folder):
    """The lines of EXAMINE."""
    if not offered(quirks):
        return []
    value = highest(quirks, folder)
    return ["* OK [HIGHESTMODSEQ %d] mod-sequence" % value if value else
            "* OK [NOMODSEQ] no mod-sequences here"]


def run(session, verb, args, by_uid):
    """Carries it out; the text of the tagged answer."""
    with session.account.lock:
        return globals()["_" + verb.lower()](session, args, by_uid)


def _enable(session, args, _):
    if session.folder is not None:
        return "BAD too late"
    if session.quirks.fires("enable-no"):
        return "NO nothing of it"
    session.enabled |= {word.upper() for word in args}
    session.wire.send(b"* ENABLED " + b" ".join(sorted(session.enabled)))
    return "OK ENABLE completed"


def _store(session, args, by_uid):
    if not session.writable:
        return "NO [READ-ONLY] mailbox is open for reading"
    mode = args[1].upper()
    flags = [flag.decode("latin-1") for flag in args[2]]
    for number, message in members(args[0], session.folder, by_uid):
        if mode.startswith(b"+"):
            message.flags += [f for f in flags if f not in message.flags]
        elif mode.startswith(b"-"):
            message.flags = [f for f in message.flags if f not in flags]
        else:
            message.flags = list(flags)
        session.folder.touch(message)
        if not mode.endswith(b".SILENT"):
            session.wire.send_line("* %d FETCH (UID %d FLAGS (%s))" % (
                number, message.uid, " ".join(message.flags)))
    return "OK STORE completed"


def _copy(session, args, by_uid):
    target = session.account.find(args[1])
    if target is None:
        return "NO [TRYCREATE] no such mailbox"
    for _, message in members(args[0], session.folder, by_uid):
        target.add(message.body, message.flags, message.date)
    return "OK COPY completed"


def _expunge(session, args, by_uid):
    folder = session.folder
    for number, message in reversed(members(
            args[0] if by_uid else b"1:*", folder, by_uid)):
        if "\\deleted" in [flag.lower() for flag in message.flags]:
            folder.remove(message)
            session.wire.send_line("* %d EXPUNGE" % number)
    return "OK EXPUNGE completed"


def _delete(session, args, _):
    folder = session.account.find(args[0])
    if folder is None:
        return "NO [NONEXISTENT] no such mailbox"
    session.account.folders.remove(folder)
    return "OK DELETE completed"


def _unsubscribe(session, args, _):
    folder = session.account.find(args[0])
    if folder is not None:
        folder.subscribed = False
    return "OK UNSUBSCRIBE completed"


def _rename(session, args, _):
    folder = session.account.find(args[0])
    if folder is None or session.account.find(args[1]) is not None:
        return "NO no such mailbox, or two of them"
    folder.name = args[1]
    return "OK RENAME completed"


def choose(session, chosen, modifiers):
    """Those of [(number, message)] that changed (RFC 7162, 3.1.4.1), with
    what is gone in front; None: it will not tell."""
    words = modifiers[0] if modifiers else []
    if b"CHANGEDSINCE" not in words:
        return chosen
    quirks, folder = session.quirks, session.folder
    if quirks.has("changes-no"):
        return None
    since = int(words[words.index(b"CHANGEDSINCE") + 1])
    if b"VANISHED" in words:
        if b"QRESYNC" not in session.enabled:
            return None
        gone = [uid for uid, modseq in folder.gone if modseq > since]
        if quirks.has("vanished-forgets"):
            gone = gone[1:]
        if gone:
            session.wire.send_line("* VANISHED (EARLIER) " + ",".join(
                map(str, sorted(gone))))
    chosen = [pair for pair in chosen if pair[1].modseq > since]
    return chosen[:-1] if quirks.has("changes-forget") else chosen
