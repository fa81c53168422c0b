"""LIST and LSUB, and LIST with STATUS (RFC 5258, 5819)."""

import re


def pattern_of(session, text):
    separator = re.escape(session.account.separator.encode())
    return re.escape(text).replace(b"\\*", b".*").replace(
        b"%", b"[^%s]*" % separator if separator else b".*")


def answer(session, verb, args):
    """Sends the folders; returns the text of the tagged answer."""
    subscribed, extended = verb == b"LSUB", len(args) > 2
    if not args[1] and not subscribed:
        session.wire.send(b"* LIST (\\Noselect) ", session.separator(),
                          b' ""')
        return "OK LIST completed"
    pattern = pattern_of(session, args[0] + args[1])
    for folder in session.account.folders:
        if not re.fullmatch(pattern, folder.name, re.S) or \
                subscribed and not folder.subscribed:
            continue
        attributes = list(folder.attributes)
        if extended and folder.subscribed:
            attributes.append("\\Subscribed")
        session.wire.send(
            b"* %s (%s) " % (verb, " ".join(attributes).encode()),
            session.separator(), b" ", session.name(folder.name))
        if extended and b"STATUS" in args[3]:
            session.status(folder, args[3][-1])
    return "OK %s completed" % verb.decode()
