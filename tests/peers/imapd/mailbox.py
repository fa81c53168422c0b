"""What the scripted server serves: an account in memory.

It is described in a text file, one thing a line, words quoted as in a shell:

    separator /                     or NIL, or any character
    folder NAME [uidvalidity=N] [uidnext=N] [attr="\\Noselect"] [subscribed]
    message [uid=N] [flags="\\Seen x"] [date="..."]
            [file=PATH | text="..." | size=N]
    messages COUNT [size=N]         so many messages with their own texts

A name is UTF-8 with the separator of the account, and goes out in modified
UTF-7; raw="..." takes its place for a name that should go out as it is, with
\\r, \\n, \\xNN and so on. A text has \\n for CRLF. Messages belong to the
folder above them.
"""

import shlex
import threading

import rawimap

DEFAULT = r'''
separator /
folder INBOX uidvalidity=1700000001 subscribed
message uid=1 flags="\Seen" date="17-Jul-1996 02:44:25 -0700"
message uid=2 flags="" date=" 1-Jan-2020 00:00:00 +0000"
message uid=5 flags="\Seen \Answered $Forwarded" size=4000
message uid=6 flags="\Flagged" text="Subject: bare\n\nno final line end"
message uid=9 flags="\Draft" size=100
folder Sent uidvalidity=1700000002 subscribed
messages 3 size=500
folder "Arbeit/Größe" uidvalidity=1700000003
messages 2
folder Leer uidvalidity=1700000004
'''

MOST_UID = (1 << 32) - 1
DATE = "12-Mar-2021 10:20:30 +0100"


class Message:
    def __init__(self, uid, body, flags, date):
        self.uid, self.body, self.date = uid, body, date
        self.flags, self.modseq = list(flags), 0


class Folder:
    def __init__(self, name, uidvalidity, attributes=()):
        self.name, self.uidvalidity = name, uidvalidity
        self.attributes, self.subscribed = list(attributes), False
        self.uidnext, self.messages = 1, []
        # HIGHESTMODSEQ, (UID, MODSEQ) of what was expunged, times asked
        self.modseq, self.gone, self.asked = 1, [], 0

    def touch(self, message):
        self.modseq += 1
        message.modseq = self.modseq

    def remove(self, message):
        self.messages.remove(message)
        self.modseq += 1
        self.gone.append((message.uid, self.modseq))

    def add(self, body, flags=(), date=DATE, uid=None):
        uid = self.uidnext if uid is None else uid
        self.messages.append(Message(uid, body, flags, date))
        self.touch(self.messages[-1])
        self.uidnext = min(max(self.uidnext, uid + 1), MOST_UID)
        return uid

    def noselect(self):
        return any(a.lower() in ("\\noselect", "\\nonexistent")
                   for a in self.attributes)


def sample_body(folder, number, size):
    """A message that is like no other, of exactly size octets if that is
    enough for its header."""
    head = ("From: sender@example.org\r\nTo: reader@example.net\r\n"
            "Subject: message %d of %s\r\nMessage-ID: <%d.%s@example.org>\r\n"
            "Date: Fri, 12 Mar 2021 10:20:30 +0100\r\n\r\n" % (
                number, folder.encode("unicode_escape").decode(), number,
                folder.encode().hex())).encode()
    line = b"The quick brown fox jumps over the lazy dog, %06d times.\r\n"
    rows, length, count = [head], len(head), 0
    while length < size:
        rows.append(line % count)
        length += len(rows[-1])
        count += 1
    if size < len(head) + 2:
        return head
    return b"".join(rows)[:size - 2] + b"\r\n"


def members(text, folder, by_uid):
    """[(sequence number, message)] of a sequence set, in rising order."""
    messages = list(enumerate(folder.messages, 1))
    if not messages:
        return []
    last = messages[-1][1].uid if by_uid else len(messages)
    wanted = []
    for part in text.split(b","):
        ends = [last if end == b"*" else int(end) for end in part.split(b":")]
        wanted.append((min(ends), max(ends)))
    return [(number, message) for number, message in messages
            if any(low <= (message.uid if by_uid else number) <= high
                   for low, high in wanted)]


class Account:
    def __init__(self, text):
        self.lock = threading.RLock()
        self.separator, self.folders = "/", []
        self.appended = 0
        for number, line in enumerate(text.splitlines(), 1):
            try:
                words = shlex.split(line, comments=True)
                if words:
                    self._describe(words)
            except (ValueError, KeyError, IndexError, OSError) as error:
                raise ValueError("mailbox, line %d: %s" % (number, error)) \
                    from error

    def _describe(self, words):
        verb, rest = words[0], words[1:]
        bare = [word for word in rest if "=" not in word]
        options = dict(word.split("=", 1) for word in rest if "=" in word)
        if verb == "separator":
            self.separator = "" if bare[0] == "NIL" else bare[0]
        elif verb == "folder":
            self._folder(bare, options)
        elif verb == "message":
            self._message(options)
        elif verb == "messages":
            for _ in range(int(bare[0])):
                self._message(options)
        else:
            raise ValueError("unknown word " + verb)

    def _folder(self, bare, options):
        if "raw" in options:
            name = options["raw"].encode().decode("unicode_escape") \
                .encode("latin-1")
        else:
            name = rawimap.utf7_encode(bare.pop(0))
        folder = Folder(name, int(options.get("uidvalidity", "1")),
                        options.get("attr", "").split())
        folder.uidnext = int(options.get("uidnext", "1"))
        folder.subscribed = "subscribed" in bare
        self.folders.append(folder)

    def _message(self, options):
        folder = self.folders[-1]
        if "file" in options:
            with open(options["file"], "rb") as file:
                body = file.read()
        elif "text" in options:
            body = options["text"].replace("\\n", "\r\n").encode()
        else:
            body = sample_body(folder.name.decode("latin-1"),
                               len(folder.messages) + 1,
                               int(options.get("size", "0")))
        uid = int(options["uid"]) if "uid" in options else None
        folder.add(body, options.get("flags", "").split(),
                   options.get("date", DATE), uid)

    def find(self, name, blind=False):
        """The folder of a wire name, or None; INBOX in any case."""
        if name.upper() == b"INBOX":
            name = b"INBOX"
        for folder in self.folders:
            if folder.name == name or blind and \
                    folder.name.lower() == name.lower():
                return folder
        return None

    def create(self, name):
        validity = max([f.uidvalidity for f in self.folders], default=0) + 1
        self.folders.append(Folder(name, validity))
        return self.folders[-1]
