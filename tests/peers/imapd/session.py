"""One client's dialogue with the scripted server."""

import re

import changing
import deflate
import idle
import limits
import listing
import login
import rawimap
from append import Append, Data
from fetch import Fetch
from wire import Literal

SYSTEM_FLAGS = "\\Answered \\Flagged \\Deleted \\Seen \\Draft"
BEFORE_LOGIN = {"CAPABILITY", "NOOP", "LOGOUT", "STARTTLS", "LOGIN",
                "AUTHENTICATE", "ID"}
NEEDS_FOLDER = changing.NEEDS_FOLDER | {"FETCH", "CLOSE", "UNSELECT"}


def parse(pieces):
    """The words of a command: bytes, Data for literals, lists."""
    stack = [[]]
    for place, piece in enumerate(pieces):
        if place % 2:
            stack[-1].append(Data(piece))
            continue
        for token in rawimap.TOKEN.finditer(piece):
            if token.group("close") and len(stack) == 1:
                raise ValueError("unbalanced parentheses")
            rawimap.push_token(stack, token)
    if len(stack) != 1 or len(stack[0]) < 2 or \
            not all(isinstance(word, bytes) for word in stack[0][:2]):
        raise ValueError("not a command")
    return stack[0]


class Session:
    def __init__(self, wire, server):
        self.wire, self.server = wire, server
        self.quirks, self.account = server.quirks, server.account
        self.received = server.received
        self.logged_in = self.writable = self.close_after = False
        self.entered, self.goodbye, self.token = False, None, None
        self.folder, self.secure = None, server.secure
        self.enabled = set()
        self.commands = self.appends = 0
        self.bodies_sent = self.messages_sent = self.early = 0

    # the frame

    def run(self):
        try:
            self._greet()
            while True:
                self.early = bool(self.wire.inbox)
                pieces = self.wire.read_command(self._refuse_literal)
                if pieces:
                    self._command(pieces)
        finally:
            if self.entered:
                self.server.limits.leave()

    def _greet(self):
        quirks, wire = self.quirks, self.wire
        if quirks.fires("greeting-stall"):
            wire.stall()
        if quirks.fires("greeting-close"):
            wire.close()
        if quirks.fires("greeting-garbage"):
            wire.send_line("220 mail.example.org ESMTP ready")
        elif quirks.has("greeting-full") and \
                wire.number > quirks.number("greeting-full"):
            wire.send_line("* BYE too many connections")
            wire.close()
        elif quirks.fires("greeting-bye"):
            wire.send_line("* BYE " + quirks.text(
                "greeting-bye", "[UNAVAILABLE] too many connections"))
            wire.close()
        elif quirks.fires("preauth"):
            self.logged_in = True
            wire.send_line("* PREAUTH [CAPABILITY %s] you are in" %
                           self._capabilities())
        else:
            wire.send_line("* OK [CAPABILITY %s] scripted server ready" %
                           self._capabilities())

    def _refuse_literal(self, pieces, size):
        words = re.match(rb"(\S+) APPEND ", pieces[0], re.I)
        text = Append(self).early(size) if words else None
        return words.group(1) + b" " + text.encode() if text else None

    def _command(self, pieces):
        try:
            words = parse(pieces)
        except ValueError as error:
            self.wire.send_line("* BAD " + str(error))
            return
        tag, verb, args = words[0], words[1].decode("latin-1").upper(), \
            words[2:]
        by_uid = verb == "UID" and len(args) > 0
        if by_uid:
            verb, args = args[0].decode("latin-1").upper(), args[1:]
        try:
            text = self._answer(tag, verb, args, by_uid)
        except (ValueError, IndexError, AttributeError, TypeError) as error:
            text = "BAD %s: %s" % (verb, error)
        if verb == "STARTTLS" and text.startswith("OK"):
            self._begin_tls(tag + b" " + text.encode())
            return
        if verb == "COMPRESS" and text.startswith("OK"):
            deflate.begin(self, tag + b" " + text.encode())
            return
        self.wire.answer(verb, tag + b" " + text.encode())
        if self.goodbye:
            self.wire.send_line("* " + self.goodbye)
        if verb == "LOGOUT" and text.startswith("OK") or self.close_after:
            self.wire.close()

    def _answer(self, tag, verb, args, by_uid):
        """Carries out a command; the text of its tagged answer."""
        spoiled = self._spoil(verb)
        if spoiled:
            return spoiled
        if not self.logged_in and verb not in BEFORE_LOGIN:
            return "BAD log in first"
        if verb in NEEDS_FOLDER and self.folder is None:
            return "BAD no mailbox is open"
        if verb == "FETCH":
            items = args[1] if isinstance(args[1], list) else args[1:2]
            return Fetch(self, tag, items, by_uid).run(args[0], args[2:])
        if verb in changing.VERBS:
            return changing.run(self, verb, args, by_uid)
        action = getattr(self, "_do_" + verb.lower(), None)
        if action is None or by_uid:
            return "BAD unknown command " + verb
        return action(args)

    def _spoil(self, verb):
        """What the quirks say to a command before it is looked at."""
        quirks, wire = self.quirks, self.wire
        self.commands += 1
        if quirks.has("delay"):
            self.server.sleep(quirks.number("delay") / 1000)
        if quirks.fires("cut-at-command", verb):
            wire.close()
        if quirks.fires("stall-at-command", verb):
            wire.stall()
        if quirks.fires("bye-at-command", verb):
            wire.send_line("* BYE the server goes down for maintenance")
            wire.close()
        if self.early and quirks.fires("early-bad", verb):
            return "BAD one command at a time"
        if verb == "EXAMINE" and quirks.fires("early-lost"):
            wire.inbox = b""
        if quirks.fires("no-at-command", verb):
            return "NO [SERVERBUG] internal error"
        if quirks.fires("bad-at-command", verb):
            return "BAD Command Argument Error. 12"
        return limits.throttle(self, verb)

    def _capabilities(self):
        quirks = self.quirks
        if quirks.has("capability"):
            return quirks.text("capability")
        names = ["IMAP4rev1"]
        if not self.logged_in:
            if not self.secure and self.server.context and \
                    not quirks.has("no-starttls"):
                names.append("STARTTLS")
            if quirks.has("logindisabled") and not self.secure:
                names.append("LOGINDISABLED")
            else:
                names += login.offered(quirks)
        for name in ("SASL-IR", "LITERAL+", "MULTIAPPEND", "UIDPLUS",
                     "NAMESPACE"):
            if not quirks.has("no-" + name.lower()):
                names.append(name)
        if self.logged_in and quirks.has("list-status"):
            names += ["LIST-EXTENDED", "LIST-STATUS"]
        names += changing.offered(quirks)
        if self.logged_in and deflate.offered(quirks):
            names.append("COMPRESS=DEFLATE")
        if quirks.has("append-limit"):
            names.append("APPENDLIMIT=%d" % quirks.number("append-limit"))
        return " ".join(names + idle.offered(self) +
                        ["ID", "UNSELECT", "CHILDREN"])

    def _do_capability(self, _args):
        self.wire.send_line("* CAPABILITY " + self._capabilities())
        return "OK CAPABILITY completed"

    def _do_noop(self, _args):
        return "OK NOOP completed"

    def _do_id(self, _args):
        self.wire.send_line('* ID ("name" "scripted")')
        return "OK ID completed"

    def _do_logout(self, _args):
        self.wire.send_line("* BYE until next time")
        return "OK LOGOUT completed"

    def _do_starttls(self, _args):
        if self.secure or not self.server.context:
            return "BAD no TLS here"
        if self.quirks.fires("starttls-no"):
            return "NO TLS is not available"
        return "OK begin TLS now"

    def _begin_tls(self, answer):
        injected = b""
        if self.quirks.fires("starttls-inject"):
            injected = self.quirks.text("starttls-inject").encode() \
                .decode("unicode_escape").encode("latin-1")
        # in one write, so that the client finds both in its buffer
        self.wire.send_raw(answer + b"\r\n" + injected)
        self.wire.inbox = b""
        self.server.wrap(self.wire)
        self.secure = True

    def _do_compress(self, args):
        return deflate.answer(self, args)

    def check(self, user, password):
        if self.logged_in:
            return "BAD logged in already"
        if self.quirks.has("logindisabled") and not self.secure:
            return "NO [PRIVACYREQUIRED] not without TLS"
        if self.quirks.fires("login-bye"):
            self.wire.send_line("* BYE " + self.quirks.text(
                "login-bye", "[UNAVAILABLE] too many errors"))
            self.wire.close()
        if self.quirks.fires("login-no"):
            return "NO " + self.quirks.text("login-no",
                                            "[UNAVAILABLE] try later")
        refusal = self.server.limits.enter(user, password)
        if refusal:
            return refusal
        self.logged_in = self.entered = True
        return "OK [CAPABILITY %s] logged in" % self._capabilities()

    def _do_login(self, args):
        return self.check(args[0], args[1])

    def _do_authenticate(self, args):
        return login.authenticate(self, args)

    # logged in

    def exists(self):
        extra = self.quirks.number("exists-extra") \
            if self.quirks.has("exists-extra") else 0
        return len(self.folder.messages) + extra

    def separator(self):
        return rawimap.quote(self.account.separator.encode()) \
            if self.account.separator else b"NIL"

    def name(self, name):
        if self.quirks.has("list-literal") or re.search(rb"[\r\n\x80-\xff]",
                                                        name):
            return Literal(name)
        return rawimap.quote(name)

    def _do_list(self, args):
        return listing.answer(self, b"LIST", args)

    def _do_lsub(self, args):
        return listing.answer(self, b"LSUB", args)

    def _do_namespace(self, _args):
        if self.quirks.has("no-namespace"):
            return "BAD unknown command"
        self.wire.send(b'* NAMESPACE (("" ', self.separator(), b")) NIL NIL")
        return "OK NAMESPACE completed"

    def _find(self, name):
        return self.account.find(name, self.quirks.has("case-blind"))

    def _do_status(self, args):
        folder = self._find(args[0])
        if folder is None or folder.noselect():
            return "NO [NONEXISTENT] no such mailbox"
        self.status(folder, args[1])
        return "OK STATUS completed"

    def status(self, folder, items):
        extra = self.quirks.number("status-extra") \
            if self.quirks.has("status-extra") else 0
        known = {b"MESSAGES": len(folder.messages) + extra, b"RECENT": 0,
                 b"UIDNEXT": folder.uidnext, b"UNSEEN": sum(
                     "\\Seen" not in m.flags for m in folder.messages),
                 b"UIDVALIDITY": folder.uidvalidity,
                 b"HIGHESTMODSEQ": changing.highest(self.quirks, folder),
                 b"SIZE": sum(len(m.body) for m in folder.messages)}
        facts = b" ".join(b"%s %d" % (item.upper(), known[item.upper()])
                          for item in items if item.upper() in known)
        self.wire.send(b"* STATUS ", self.name(folder.name),
                       b" (%s)" % facts)

    def _open(self, name, writable):
        self.folder = None
        folder = self._find(name)
        if folder is None or folder.noselect() or \
                self.quirks.fires("vanish", folder.name.decode("latin-1")):
            return "NO [NONEXISTENT] no such mailbox"
        self.folder, self.writable = folder, writable
        if self.quirks.fires("uidvalidity-moves"):
            folder.uidvalidity += 1
        if self.quirks.fires("long-line"):
            self.wire.send(b"* OK ", b"x" * self.quirks.number("long-line"))
        keywords = sorted({flag for message in folder.messages
                           for flag in message.flags if flag[0] != "\\"})
        flags = " ".join([SYSTEM_FLAGS] + keywords)
        more = "" if self.quirks.has("fixed-flags") else " \\*"
        self.wire.send_line("* FLAGS (%s)" % flags)
        self.wire.send_line("* OK [PERMANENTFLAGS (%s)] flags that stay" % (
            flags + more if writable else ""))
        self.wire.send_line("* %d EXISTS" % self.exists())
        self.wire.send_line("* 0 RECENT")
        if not self.quirks.has("no-uidvalidity"):
            self.wire.send_line("* OK [UIDVALIDITY %d] UIDs are valid" %
                                folder.uidvalidity)
        self.wire.send_line("* OK [UIDNEXT %d] next UID" % folder.uidnext)
        for line in changing.told(self.quirks, folder):
            self.wire.send_line(line)
        return "OK [%s] mailbox is open" % (
            "READ-WRITE" if writable else "READ-ONLY")

    def _do_select(self, args):
        return self._open(args[0], True)

    def _do_examine(self, args):
        return self._open(args[0], False)

    def _do_create(self, args):
        name = args[0]
        separator = self.account.separator.encode()
        if separator and name.endswith(separator):
            name = name[:-len(separator)]
        with self.account.lock:
            if self._find(name):
                return "NO [ALREADYEXISTS] the mailbox exists"
            if self.quirks.fires("create-no", name.decode("latin-1")):
                return "NO [CANNOT] folder name is reserved"
            self.account.create(name)
        return "OK CREATE completed"

    def _do_subscribe(self, args):
        folder = self._find(args[0])
        if folder is None:
            return "NO [NONEXISTENT] no such mailbox"
        folder.subscribed = True
        return "OK SUBSCRIBE completed"

    def _do_append(self, args):
        return Append(self).run(args)

    # a folder is open

    def _do_close(self, _args):
        self.folder = None
        return "OK completed"

    _do_unselect = _do_close
    _do_idle = idle.answer
    _do_notify = idle.notify
