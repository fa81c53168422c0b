"""APPEND over rawimap.Imap: many messages in few round trips."""

import re

import rawimap

BATCH_MESSAGES = 64
BATCH_BYTES = 8 << 20


class Message:
    """What one APPEND carries. flags and date are wire text, date may be
    None; origin and instant are for the caller's reports."""

    def __init__(self, body, flags=(), date=None, origin="", instant=None):
        self.body, self.flags, self.date = body, tuple(flags), date
        self.origin, self.instant = origin, instant

    def head(self):
        text = b" (%s)" % " ".join(self.flags).encode()
        return text + (b' "%s"' % self.date.encode() if self.date else b"")


def _send(imap, folder, messages):
    """Sends one APPEND; without LITERAL+ it waits before each literal.
    Returns the tagged answer."""
    plus = b"LITERAL+" in imap.capabilities
    imap.tag += 1
    tag = b"t%d" % imap.tag
    imap.send(tag, b" APPEND ", rawimap.quote(folder))
    for message in messages:
        imap.send(message.head(), b" {%d%s}\r\n" % (
            len(message.body), b"+" if plus else b""))
        while not plus:
            answer = imap.response()
            if answer[0] == tag:
                return answer
            if answer[0] == b"+":
                break
        imap.send(message.body)
    imap.send(b"\r\n")
    while True:
        answer = imap.response()
        if answer[0] == tag:
            return answer


def append_batch(imap, folder, messages):
    """Appends all of messages, halving a batch that is refused. Returns a
    list of (message, uid, refusal): uid is None where the server names none,
    refusal is None for a message that was stored."""
    answer = _send(imap, folder, messages)
    if answer[1] == b"OK":
        code = re.match(rb"\[APPENDUID \d+ ([\d:,]+)\]", answer[2])
        uids = uid_list(code.group(1)) if code else [None] * len(messages)
        return [(m, uid, None) for m, uid in zip(messages, uids)]
    if len(messages) == 1:
        return [(messages[0], None, answer[2].decode("utf-8", "replace"))]
    half = len(messages) // 2
    return (append_batch(imap, folder, messages[:half]) +
            append_batch(imap, folder, messages[half:]))


def uid_list(text):
    """b"3:5,9" -> [3, 4, 5, 9]"""
    uids = []
    for part in text.split(b","):
        first, _, last = part.partition(b":")
        uids += range(int(first), int(last or first) + 1)
    return uids


def append(imap, folder, messages):
    """Yields append_batch's triples for an iterable of any length."""
    most = BATCH_MESSAGES if b"MULTIAPPEND" in imap.capabilities else 1
    batch, size = [], 0
    for message in messages:
        if batch and (len(batch) == most or
                      size + len(message.body) > BATCH_BYTES):
            yield from append_batch(imap, folder, batch)
            batch, size = [], 0
        batch.append(message)
        size += len(message.body)
    if batch:
        yield from append_batch(imap, folder, batch)
