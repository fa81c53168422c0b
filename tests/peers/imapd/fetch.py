"""FETCH, and all that can be wrong with its answer."""

import re

import changing
import limits
import rawimap
import structure
from mailbox import members
from wire import Literal

ZERO_DATE = b'"00-Jan-0000 00:00:00 +0000"'
BODY_ITEMS = re.compile(rb"(?:BODY(?:\.PEEK)?\[|RFC822(?:\.HEADER|\.TEXT)?$)")


def part_of(body, section):
    """The octets of a section of BODY[section]; None if it is not known."""
    header, blank, text = body.partition(b"\r\n\r\n")
    if section == b"":
        return body
    if section == b"HEADER":
        return header + blank
    if section == b"TEXT":
        return text
    fields = re.fullmatch(rb"HEADER\.FIELDS \(([^)]*)\)", section)
    if fields is None:
        return None
    names = {name.lower() for name in fields.group(1).split()}
    rows = re.findall(rb"[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*", header + b"\r\n")
    return b"".join(row for row in rows
                    if row.partition(b":")[0].lower() in names) + b"\r\n"


def quotable(data):
    return len(data) < 1000 and not re.search(rb"[\0\r\n\x80-\xff]", data)


class Fetch:
    """One FETCH command in one session."""

    def __init__(self, session, tag, items, by_uid):
        self.session, self.tag, self.by_uid = session, tag, by_uid
        self.wire, self.quirks = session.wire, session.quirks
        self.folder = session.folder
        self.items = [item.upper() for item in items]
        if by_uid and b"UID" not in self.items:
            self.items.insert(0, b"UID")
        self.bodies = [item for item in self.items if BODY_ITEMS.match(item)]

    def run(self, set_text, modifiers):
        """Sends all answers; returns the text of the tagged one."""
        if self.bodies:
            self._expunge()
        chosen = changing.choose(self.session, members(
            set_text, self.folder, self.by_uid), modifiers)
        if chosen is None:
            return "BAD unknown FETCH modifier"
        if modifiers:
            self.items.append(b"MODSEQ")
        if self.quirks.fires("reverse"):
            chosen.reverse()
        if self.quirks.fires("alert-no-text"):
            self.wire.send_line("* OK [ALERT]")
        if self.quirks.fires("deep-nesting"):
            depth = self.quirks.number("deep-nesting")
            self.wire.send(b"* 1 FETCH (UID 1 BODYSTRUCTURE ",
                           b"(" * depth, b")" * depth, b")")
        for place, (number, message) in enumerate(chosen):
            refusal = self._refusal(place, len(chosen), message)
            if refusal:
                return refusal
            self._message(number, message)
            self._between(number)
        return "OK FETCH completed"

    def _expunge(self):
        for number, message in enumerate(self.folder.messages, 1):
            if self.quirks.has("expunge") and \
                    self.quirks.fires("expunge", message.uid):
                self.folder.remove(message)
                self.wire.send_line("* %d EXPUNGE" % number)
                return

    def _refusal(self, place, count, message):
        if not self.bodies:
            return None
        if place >= count // 2 and self.quirks.fires(
                "vanish-in-fetch", self.folder.name.decode("latin-1")):
            self.session.account.folders.remove(self.folder)
            return "NO [NONEXISTENT] the mailbox is gone"
        if self.quirks.fires("fetch-no", message.uid):
            return "NO [SERVERBUG] a message cannot be read"
        if b"BODYSTRUCTURE" in self.items and \
                self.quirks.fires("structure-no", message.uid):
            return "NO [SERVERBUG] a structure cannot be told"
        return None

    def _between(self, number):
        if self.quirks.fires("unknown-untagged"):
            self.wire.send_line("* " + self.quirks.text(
                "unknown-untagged", 'XNEWS (1 "two" (3 NIL)) {4'))
        if self.quirks.fires("unsolicited"):
            self.wire.send_line("* %d FETCH (FLAGS (\\Seen))" % number)
            self.wire.send_line("* %d EXISTS" % self.session.exists())
            self.wire.send_line("* 0 RECENT")

    def _message(self, number, message):
        if self.quirks.fires("missing", message.uid):
            return
        times = 2 if self.bodies and self.quirks.fires("twice",
                                                       message.uid) else 1
        facts = [item for item in self.items if item not in self.bodies]
        for _ in range(times):
            if self.bodies and self.quirks.fires("split-fetch"):
                self._answer(number, message, facts)
                self._answer(number, message,
                             [b"UID"] * self.by_uid + self.bodies)
            elif self.bodies and self.quirks.fires("uid-last"):
                facts = [item for item in facts if item != b"UID"]
                self._answer(number, message, facts + self.bodies + [b"UID"])
            else:
                self._answer(number, message, self.items)
        if self.bodies:
            self._after_body()

    def _after_body(self):
        self.session.messages_sent += 1
        self.session.server.limits.sent()
        limits.cut_off(self.session)
        for name in ("cut-after-messages", "bye-after-messages"):
            if self.quirks.has(name) and self.session.messages_sent == \
                    self.quirks.number(name) and self.quirks.fires(name):
                if name.startswith("bye"):
                    self.wire.send_line("* BYE too many messages for today")
                self.wire.close()

    def _answer(self, number, message, items):
        pieces = []
        for item in items:
            value = self._value(message, item)
            if value is not None:
                pieces += [b" " if pieces else b"* %d FETCH (" % number]
                pieces += value
        if pieces:
            self._send(pieces + [b")"])

    def _send(self, pieces):
        """Sends one answer, or as much of it as the quirks allow."""
        bodies = [i for i, piece in enumerate(pieces)
                  if isinstance(piece, Literal)]
        if bodies:
            self.session.bodies_sent += 1
            for name, end in (("cut-in-body", self.wire.close),
                              ("stall-in-body", self.wire.stall)):
                if self.quirks.has(name) and self.session.bodies_sent == \
                        self.quirks.number(name) and self.quirks.fires(name):
                    literal = pieces[bodies[0]]
                    self.wire.send_raw(
                        b"".join(pieces[:bodies[0]]) + literal.announce() +
                        literal.data[:len(literal.data) // 2])
                    end()
        self.wire.send(*pieces)

    def _value(self, message, item):
        """The pieces of `ITEM value`; None leaves the item out."""
        if item == b"UID":
            return [b"UID %d" % message.uid]
        if item == b"FLAGS":
            return [b"FLAGS (%s)" % " ".join(message.flags).encode()]
        if item == b"INTERNALDATE":
            return self._date(message)
        if item == b"RFC822.SIZE":
            return self._size(message)
        if item == b"MODSEQ":
            return [b"MODSEQ (%d)" % message.modseq]
        if item == b"BODYSTRUCTURE":
            return structure.value(self, message)
        if BODY_ITEMS.match(item):
            return self._body(message, item)
        raise ValueError("FETCH item %s" % item.decode("latin-1"))

    def _date(self, message):
        if self.quirks.fires("date-absent", message.uid):
            return None
        if self.quirks.fires("date-nil", message.uid):
            return [b"INTERNALDATE NIL"]
        if self.quirks.fires("date-zero", message.uid):
            return [b"INTERNALDATE " + ZERO_DATE]
        return [b"INTERNALDATE " + rawimap.quote(message.date.encode())]

    def _size(self, message):
        size = len(message.body)
        if self.quirks.fires("zero-size", message.uid):
            size = 0
        if self.quirks.fires("wrong-size"):
            size = max(size + self.quirks.number("wrong-size"), 0)
        return [b"RFC822.SIZE %d" % size]

    def _body(self, message, item):
        match = re.fullmatch(rb"BODY(\.PEEK)?\[(.*)\](?:<(\d+)\.(\d+)>)?",
                             item, re.S)
        if match:
            peek, section = match.group(1), match.group(2)
            name = b"BODY[%s]" % section
        else:
            peek = item == b"RFC822.HEADER"
            section = {b"RFC822": b"", b"RFC822.HEADER": b"HEADER",
                       b"RFC822.TEXT": b"TEXT"}[item]
            name = item
        data = part_of(message.body, section)
        if data is None:
            raise ValueError("section %s" % section.decode("latin-1"))
        if not peek and self.session.writable and \
                "\\Seen" not in message.flags:
            message.flags.append("\\Seen")
        if match and match.group(3):
            start = int(match.group(3))
            data = data[start:start + int(match.group(4))]
            name += b"<%d>" % start
        return [name + b" "] + self._body_value(message, section, data, name)

    def _body_value(self, message, section, data, name):
        uid, fires = message.uid, self.quirks.fires
        if fires("nil-body", uid) or \
                not section and fires("nil-whole", uid) or \
                not section and self.by_uid and fires("nil-by-uid", uid):
            return [b"NIL"]
        if fires("empty-body", uid):
            return [Literal(b"")]
        if self.quirks.has("huge-literal") and fires("huge-literal"):
            size = int(self.quirks.text("huge-literal", "99999999999"))
            self.wire.send_raw(b"* 1 FETCH (UID %d %s {%d}\r\nFrom: x" %
                               (uid, name, size))
            self.wire.stall()
        if quotable(data) and fires("quoted-body", uid):
            return [rawimap.quote(data)]
        if fires("literal8-body", uid):
            return [Literal(data, b"~")]
        return [Literal(data)]
