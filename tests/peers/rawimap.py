"""A small IMAP client over a raw socket, for the tests' own tools.

It shares nothing with the toolkit and never touches a byte of a message: what
is sent and what is hashed is what is on the wire. Servers are trusted here:
this is for the tests' own servers, not for hostile ones.
"""

import base64
import binascii
import calendar
import hashlib
import re
import socket
import ssl

CHUNK = 1 << 16

TOKEN = re.compile(
    rb'\s*(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*)"'
    rb'|(?P<atom>[A-Za-z0-9.]+\[[^\]]*\](?:<[\d.]+>)?|[^\s()"]+))', re.S)

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class ImapError(Exception):
    """The server said NO, BAD or BYE, or something that makes no sense."""


class Digest:
    """A literal of which only the hash and the length were kept."""

    def __init__(self, stream, size):
        hasher, left = hashlib.sha256(), size
        while left:
            chunk = stream.read(min(left, CHUNK))
            if not chunk:
                raise ImapError("connection closed inside a literal")
            hasher.update(chunk)
            left -= len(chunk)
        self.size = size
        self.sha256 = hasher.hexdigest()


def literal_bytes(stream, size):
    data = stream.read(size)
    if len(data) != size:
        raise ImapError("connection closed inside a literal")
    return data


def digest_of(value):
    """(sha256, size) of a body that came as Digest, bytes or NIL."""
    if isinstance(value, Digest):
        return value.sha256, value.size
    if value is None:
        return "NIL", 0
    return hashlib.sha256(value).hexdigest(), len(value)


def utf7_decode(name):
    """Modified UTF-7 (RFC 3501, 5.1.3) as bytes -> str."""
    def one(match):
        text = match.group(1)
        if not text:
            return "&"
        text = text.replace(b",", b"/")
        return base64.b64decode(text + b"=" * (-len(text) % 4)) \
            .decode("utf-16-be")

    out, end = [], 0
    for match in re.finditer(rb"&([^-]*)-", name):
        out.append(name[end:match.start()].decode("utf-8"))
        out.append(one(match))
        end = match.end()
    return "".join(out) + name[end:].decode("utf-8")


def utf7_encode(name):
    """str -> modified UTF-7 as bytes."""
    def one(match):
        text = match.group(0)
        if text == "&":
            return "&-"
        coded = binascii.b2a_base64(text.encode("utf-16-be"), newline=False)
        return "&" + coded.decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"&|[^ -~]+", one, name).encode("ascii")


def quote(text):
    """bytes as a quoted string; names with CR or LF need a literal."""
    return b'"' + re.sub(rb'([\\"])', rb"\\\1", text) + b'"'


def epoch(internaldate):
    """b'17-Jul-1996 02:44:25 -0700' -> seconds since 1970 in UTC."""
    match = re.fullmatch(rb"([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) "
                         rb"([+-])(\d\d)(\d\d)", internaldate)
    if not match or match.group(2).decode() not in MONTHS:
        raise ImapError("odd INTERNALDATE %r" % internaldate)
    day, year, hour, minute, second, zone_h, zone_m = (
        int(match.group(i)) for i in (1, 3, 4, 5, 6, 8, 9))
    month = MONTHS.index(match.group(2).decode()) + 1
    zone = (zone_h * 60 + zone_m) * 60
    if match.group(7) == b"-":
        zone = -zone
    return calendar.timegm((year, month, day, hour, minute, second)) - zone


def push_token(stack, token):
    """Adds a match of TOKEN to the innermost of the open lists."""
    if token.group("open"):
        stack[-1].append([])
        stack.append(stack[-1][-1])
    elif token.group("close"):
        stack.pop()
    elif token.group("quoted") is not None:
        stack[-1].append(re.sub(rb"\\(.)", rb"\1", token.group("quoted")))
    elif token.group("atom").upper() == b"NIL":
        stack[-1].append(None)
    else:
        stack[-1].append(token.group("atom"))


class Imap:
    """One connection. Untagged answers are nested lists of bytes, None (NIL)
    and whatever make_literal returned."""

    def __init__(self, host, port, tls_ca=None, starttls=False, timeout=120):
        self.host, self.tag, self.capabilities = host, 0, set()
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls_ca and not starttls:
            self._wrap(tls_ca)
        self.stream = self.socket.makefile("rb", CHUNK)
        greeting = self.response()
        if greeting[1] not in (b"OK", b"PREAUTH"):
            raise ImapError("greeting: %r" % greeting)
        if starttls:
            self.command(b"STARTTLS")
            self._wrap(tls_ca)
            self.stream = self.socket.makefile("rb", CHUNK)

    def _wrap(self, tls_ca):
        context = ssl.create_default_context(cafile=tls_ca)
        self.socket = context.wrap_socket(self.socket,
                                          server_hostname=self.host)

    def _pieces(self, make_literal):
        """One answer as alternating text and literals."""
        pieces = []
        while True:
            line = self.stream.readline()
            if not line.endswith(b"\n"):
                raise ImapError("connection closed after %r" % line[:200])
            line = line.rstrip(b"\r\n")
            match = re.search(rb"~?\{(\d+)\}$", line)
            if not match:
                return pieces + [line]
            pieces.append(line[:match.start()])
            pieces.append(make_literal(self.stream, int(match.group(1))))

    def response(self, make_literal=literal_bytes):
        """One answer, parsed; text of OK, NO, BAD, BYE is left whole."""
        pieces = self._pieces(make_literal)
        status = re.match(rb"(\S+) (OK|NO|BAD|BYE|PREAUTH)\b ?(.*)",
                          pieces[0], re.S)
        if status:
            return list(status.groups())
        if pieces[0].startswith(b"+"):
            return [b"+", pieces[0][1:].strip()]
        stack = [[]]
        for number, piece in enumerate(pieces):
            if number % 2:
                stack[-1].append(piece)
                continue
            for token in TOKEN.finditer(piece):
                push_token(stack, token)
        return stack[0]

    def send(self, *pieces):
        self.socket.sendall(b"".join(pieces))

    def start(self, line):
        """Sends a command and returns its tag."""
        self.tag += 1
        tag = b"t%d" % self.tag
        self.send(tag, b" ", line, b"\r\n")
        return tag

    def until(self, tag, make_literal=literal_bytes):
        """Yields the untagged answers up to the tagged one, which must be
        OK; the generator's value is its text."""
        while True:
            answer = self.response(make_literal)
            if answer[0] == tag:
                if answer[1] != b"OK":
                    raise ImapError(b" ".join(answer[1:]).decode("utf-8",
                                                                 "replace"))
                return answer[2]
            yield answer

    def command(self, line):
        """(untagged answers, text of the OK)."""
        answers, generator = [], self.until(self.start(line))
        while True:
            try:
                answers.append(next(generator))
            except StopIteration as end:
                return answers, end.value

    def login(self, user, password, authorize=b""):
        tag = self.start(b"AUTHENTICATE PLAIN")
        answer = self.response()
        if answer[0] != b"+":
            raise ImapError("AUTHENTICATE: %r" % answer)
        self.send(base64.b64encode(b"\0".join((authorize, user, password))),
                  b"\r\n")
        for _ in self.until(tag):
            pass
        for answer in self.command(b"CAPABILITY")[0]:
            if answer[1] == b"CAPABILITY":
                self.capabilities = {word.upper() for word in answer[2:]}

    def prefix(self):
        """(prefix, separator) of the personal name space."""
        if b"NAMESPACE" in self.capabilities:
            for answer in self.command(b"NAMESPACE")[0]:
                if answer[1] == b"NAMESPACE" and answer[2]:
                    prefix, separator = answer[2][0][:2]
                    return prefix, separator or b"/"
        for answer in self.command(b'LIST "" ""')[0]:
            if answer[1] == b"LIST":
                return b"", answer[3] or b"/"
        return b"", b"/"

    def names(self, verb=b"LIST"):
        """Yields (attributes, separator, wire name) of all folders."""
        for answer in self.command(verb + b' "" "*"')[0]:
            if answer[1] == verb:
                yield {flag.lower() for flag in answer[2]}, answer[3], answer[4]

    def folders(self):
        """Yields (separator, wire name) of the folders that hold mail."""
        for attributes, separator, name in self.names():
            if not attributes & {b"\\noselect", b"\\nonexistent"}:
                yield separator, name

    def open(self, name, verb=b"EXAMINE"):
        """Opens a folder: {"EXISTS": n, "UIDVALIDITY": v, "UIDNEXT": u}."""
        facts = {}
        for answer in self.command(verb + b" " + quote(name))[0]:
            if len(answer) > 2 and answer[2] == b"EXISTS":
                facts["EXISTS"] = int(answer[1])
            code = re.match(rb"\[(UIDVALIDITY|UIDNEXT) (\d+)\]",
                            answer[2] if answer[1] == b"OK" else b"")
            if code:
                facts[code.group(1).decode()] = int(code.group(2))
        return facts

    def logout(self):
        try:
            self.command(b"LOGOUT")
        except ImapError:
            pass
        self.stream.close()
        self.socket.close()


def fetch_items(answer):
    """{item: value} of `* n FETCH (...)`, None for any other answer."""
    if len(answer) < 4 or answer[2] != b"FETCH":
        return None
    items = answer[3]
    return {items[i].upper(): items[i + 1] for i in range(0, len(items), 2)}


def add_arguments(parser):
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-file", required=True, metavar="FILE",
                        help="the password, without a line end")
    parser.add_argument("--authorize", default="", metavar="USER",
                        help="SASL authzid: --user logs in for USER")
    parser.add_argument("--tls-ca", metavar="PEM",
                        help="TLS from the start, verified against PEM")
    parser.add_argument("--starttls", action="store_true")
    parser.add_argument("--timeout", type=float, default=120,
                        metavar="SECONDS", help="of silence")


def connect(args):
    """A connection that is logged in, from add_arguments' options."""
    with open(args.password_file, "rb") as file:
        password = file.read().rstrip(b"\r\n")
    imap = Imap(args.host, args.port, args.tls_ca, args.starttls,
                args.timeout)
    imap.login(args.user.encode(), password, args.authorize.encode())
    return imap
