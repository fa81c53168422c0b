"""One connection: lines and literals in, pieces out, everything logged."""

import re
import select
import socket
import threading
import time
import zlib

MOST_LITERAL = 1 << 30
SHORT = 1000


class Gone(Exception):
    """The connection is over, by the client's will or by a quirk."""


class Log:
    """The dialogue, one line each way: `C2: a1 LOGIN ...`."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="latin-1", newline="\n")
        self.lock = threading.Lock()

    def write(self, who, number, text):
        text = text.decode("latin-1") if isinstance(text, bytes) else text
        text = text.replace("\r", "\\r").replace("\n", "\\n")
        if len(text) > 2000:
            text = text[:2000] + "..."
        with self.lock:
            self.file.write("%s%d: %s\n" % (who, number, text))
            self.file.flush()


class Literal:
    """A piece of an answer that goes out as {n} and the bytes."""

    def __init__(self, data, mark=b""):
        self.data, self.mark = data, mark

    def announce(self):
        return self.mark + b"{%d}\r\n" % len(self.data)


class Wire:
    def __init__(self, sock, number, log, quirks):
        self.socket, self.number = sock, number
        self.log, self.quirks = log, quirks
        self.sent = 0
        self.inbox = b""
        self.packer = self.unpacker = None
        self.packed = 0
        self.late = None  # the answer that comes behind the next

    def compress(self):
        """From here on both ways are raw deflate (RFC 4978)."""
        self.packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        self.unpacker = zlib.decompressobj(-15)
        self.inbox = self.unpacker.decompress(self.inbox)
        self.note("compressed from here")

    def note(self, text):
        self.log.write("#", self.number, text)

    def close(self):
        self.note("closed by the server")
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        raise Gone

    def stall(self):
        """Says nothing more, until the client goes away."""
        self.note("stalls")
        try:
            while self.socket.recv(65536):
                pass
        except OSError:
            pass
        raise Gone

    def _recv(self):
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            self.note("silent for too long")
            self.send_line("* BYE silent for too long")
            self.close()
        except OSError as error:
            raise Gone from error
        if not data:
            self.note("closed by the client")
            raise Gone
        if self.unpacker:
            return self.unpacker.decompress(data) or self._recv()
        return data

    def read_line(self):
        while b"\n" not in self.inbox:
            self.inbox += self._recv()
        line, _, self.inbox = self.inbox.partition(b"\n")
        return line.rstrip(b"\r")

    def read_bytes(self, size):
        if size > MOST_LITERAL:
            self.close()
        chunks, have = [self.inbox], len(self.inbox)
        while have < size:
            chunks.append(self._recv())
            have += len(chunks[-1])
        data = b"".join(chunks)
        self.inbox = data[size:]
        return data[:size]

    def read_command(self, refuse=None):
        """One command as alternating text and literals. refuse(pieces, size)
        may return an answer that stands for the `+` of a synchronizing
        literal: then it is sent and [] returned."""
        pieces, shown = [], b""
        while True:
            line = self.read_line()
            match = re.search(rb"~?\{(\d+)(\+?)\}$", line)
            shown += line
            if not match:
                self.log.write("C", self.number, shown)
                return pieces + [line]
            pieces.append(line[:match.start()])
            size = int(match.group(1))
            if not match.group(2):
                answer = refuse(pieces, size) if refuse else None
                if answer:
                    self.log.write("C", self.number, shown)
                    self.send_line(answer)
                    return []
                self._out(b"+ go on\r\n")
            pieces.append(self.read_bytes(size))
            shown += b"<%d bytes>" % size

    def _limit(self, data):
        """Sends what the quirks on the number of bytes let pass."""
        for name, end in (("cut-after-bytes", self.close),
                          ("stall-after-bytes", self.stall)):
            if not self.quirks.has(name):
                continue
            left = self.quirks.number(name) - self.sent
            if len(data) > left and self.quirks.fires(name):
                self._pass(data[:max(left, 0)])
                end()

    def _pack(self, data):
        data = self.packer.compress(data) + \
            self.packer.flush(zlib.Z_SYNC_FLUSH)
        left = self.quirks.number("compress-cut") - self.packed \
            if self.quirks.has("compress-cut") else len(data)
        self.packed += len(data)
        if len(data) > left and self.quirks.fires("compress-cut"):
            self.socket.sendall(data[:max(left, 0)])
            self.close()
        return data

    def _pass(self, data):
        try:
            if self.packer:
                data = self._pack(data)
            if self.quirks.has("dribble") and len(data) < SHORT:
                for start in range(len(data)):
                    self.socket.sendall(data[start:start + 1])
            elif self.quirks.has("slow"):
                step = max(self.quirks.number("slow") // 20, 1)
                for start in range(0, len(data), step):
                    self.socket.sendall(data[start:start + step])
                    time.sleep(0.05)
            else:
                self.socket.sendall(data)
        except OSError as error:
            self.note("closed by the client")
            raise Gone from error
        self.sent += len(data)

    def _out(self, data):
        self._limit(data)
        self._pass(data)

    def send(self, *pieces):
        """Sends bytes and Literals, and a line end behind them."""
        wire, shown = [], []
        for piece in pieces:
            if isinstance(piece, Literal):
                wire += [piece.announce(), piece.data]
                shown.append(b"{%d}<bytes>" % len(piece.data))
            else:
                wire.append(piece)
                shown.append(piece)
        self.log.write("S", self.number, b"".join(shown))
        self._out(b"".join(wire) + b"\r\n")

    def answer(self, verb, text):
        """A tagged answer, and behind it one that was kept back."""
        if verb == "APPEND" and self.late is None and self._has_input() and \
                self.quirks.fires("append-late"):
            self.late = text
            return
        self.send(text)
        if self.late is not None:
            self.send(self.late)
            self.late = None

    def _has_input(self):
        """Whether something more has come, or comes at once."""
        return bool(self.inbox) or \
            bool(select.select([self.socket], [], [], 0.01)[0])

    def send_line(self, text):
        self.send(text if isinstance(text, bytes) else text.encode())

    def send_raw(self, data):
        self.log.write("S", self.number, b"(raw) " + data)
        self._out(data)
