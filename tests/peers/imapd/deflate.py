"""COMPRESS=DEFLATE (RFC 4978), with the quirks that belong to it."""


def offered(quirks):
    return quirks.has("compress") or any(
        quirks.has("compress-" + how) for how in ("no", "garbage", "cut"))


def answer(session, args):
    if not session.logged_in or session.wire.packer:
        return "BAD not now"
    if args[0].upper() != b"DEFLATE":
        return "NO unknown way to compress"
    if session.quirks.fires("compress-no"):
        return "NO [CANNOT] no memory for it"
    return "OK DEFLATE active"


def begin(session, words):
    session.wire.send(words)
    if session.quirks.fires("compress-garbage"):
        session.wire.send_raw(
            session.quirks.text("compress-garbage").encode())
        session.wire.stall()
    session.wire.compress()
