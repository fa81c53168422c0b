"""APPEND, one message or many, and the ways to refuse or to lose it."""

import hashlib
import os

from mailbox import DATE

SYSTEM = {"\\seen", "\\answered", "\\flagged", "\\deleted", "\\draft"}


class Data(bytes):
    """A literal among the words of a command."""


class Received:
    """The messages that came by APPEND, as files NNNN.eml, and index.tsv:
    number, folder, UID or `-`, flags, date or `-`, sha256."""

    def __init__(self, directory):
        self.directory, self.count = directory, 0
        os.makedirs(directory, exist_ok=True)

    def keep(self, folder, uid, flags, date, body):
        self.count += 1
        with open(os.path.join(self.directory, "%04d.eml" % self.count),
                  "wb") as file:
            file.write(body)
        with open(os.path.join(self.directory, "index.tsv"), "a",
                  encoding="utf-8") as file:
            file.write("%04d\t%s\t%s\t%s\t%s\t%s\n" % (
                self.count, folder.decode("latin-1"), uid or "-",
                " ".join(flags), date or "-",
                hashlib.sha256(body).hexdigest()))


def messages_of(words):
    """[(flags, date or None, body)] of the words behind the folder name."""
    found, flags, date = [], [], None
    for word in words:
        if isinstance(word, list):
            flags = [flag.decode("latin-1") for flag in word]
        elif isinstance(word, Data):
            found.append((flags, date, bytes(word)))
            flags, date = [], None
        else:
            date = word.decode("latin-1")
    return found


class Append:
    def __init__(self, session):
        self.session, self.quirks = session, session.quirks
        self.account, self.wire = session.account, session.wire

    def early(self, size):
        """The refusal of a literal that was only announced, or None."""
        if self.quirks.has("append-limit") and \
                size > self.quirks.number("append-limit"):
            return "NO [TOOBIG] more than the server takes"
        return None

    def run(self, words):
        """Stores the messages; returns the text of the tagged answer."""
        name, messages = words[0], messages_of(words[1:])
        self.session.appends += 1
        if not messages:
            return "BAD APPEND without a message"
        if len(messages) > 1 and self.quirks.has("no-multiappend"):
            return "BAD one message at a time"
        with self.account.lock:
            folder = self.account.find(name, self.quirks.has("case-blind"))
            refusal = self._refusal(folder, messages)
            if refusal:
                for flags, date, body in messages:
                    self.session.received.keep(name, None, flags, date, body)
                return refusal
            self._cut("append-cut-unstored")
            uids = [self._store(folder, *message) for message in messages]
        self._cut("append-cut")
        if self.quirks.has("no-uidplus"):
            return "OK APPEND completed"
        if uids == list(range(uids[0], uids[0] + len(uids))) and len(uids) > 1:
            text = "%d:%d" % (uids[0], uids[-1])
        else:
            text = ",".join(str(uid) for uid in uids)
        return "OK [APPENDUID %d %s] APPEND completed" % (
            folder.uidvalidity, text)

    def _refusal(self, folder, messages):
        if folder is None or folder.noselect():
            return "NO [TRYCREATE] no such mailbox"
        if self.quirks.has("append-overquota") and \
                self.account.appended + len(messages) > \
                self.quirks.number("append-overquota") and \
                self.quirks.fires("append-overquota"):
            return "NO [OVERQUOTA] quota exceeded (mailbox for user is full)"
        for flags, _, body in messages:
            refusal = self._refuse_one(flags, body)
            if refusal:
                return refusal
        return None

    def _refuse_one(self, flags, body):
        if not body:
            return "NO can't save a zero byte message"
        if self.early(len(body)):
            return self.early(len(body))
        if self.quirks.fires_in("append-no", body):
            return "NO a virus was found"
        if self.quirks.fires_in("append-bad-close", body):
            self.session.close_after = True
            return "BAD Command Argument Error. 11"
        if any(flag.lower() not in SYSTEM for flag in flags) and \
                self.quirks.fires("append-keyword-no"):
            return "NO APPEND failed: invalid flag"
        return None

    def _cut(self, name):
        if self.quirks.has(name) and \
                self.session.appends == self.quirks.number(name) and \
                self.quirks.fires(name):
            self.wire.close()

    def _store(self, folder, flags, date, body):
        if self.quirks.fires_in("append-discard", body):
            self.session.received.keep(folder.name, None, flags, date, body)
            return folder.uidnext
        kept = body
        if self.quirks.fires("append-adds-header"):
            kept = b"Received: by a server that signs its work\r\n" + body
        if self.quirks.fires_in("append-flips", body):
            kept = kept.rstrip()[:-1] + b"?\r\n"
        stored_flags = [] if self.quirks.fires("append-forgets-flags") \
            else [f for f in flags if f.lower() != "\\recent"]
        if self.quirks.fires("append-forgets-date"):
            date = None
        uid = folder.add(kept, stored_flags, date or DATE)
        self.account.appended += 1
        self.session.received.keep(folder.name, uid, flags, date, body)
        return uid
