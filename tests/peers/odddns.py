#!/usr/bin/env python3
"""odddns.py DIR: a name server whose answers are odd, each in its own way.

Ports, by UDP and TCP, in DIR/KIND for each kind:

  silent    never answers
  garbage   octets that are no message
  other     the MX of another name
  pointer   a name that points at itself
  cut       TC by UDP, and nothing by TCP
  short     a record that claims to be longer than the message
  slowtcp   TC by UDP, the answer by TCP in single octets
  lame      an answer without AA
  odd       RCODE 5 and 4 and 2, by turns of type
  huge      TXT of 60,000 octets by TCP, TC by UDP; an MX
"""
import os
import socket
import struct
import sys
import threading
import time

KINDS = ("silent", "garbage", "other", "pointer", "cut", "short", "slowtcp",
         "lame", "odd", "huge")
MX, TXT = 15, 16
AA, TC, QR = 0x0400, 0x0200, 0x8000


def name(text):
    return b"".join(bytes([len(p)]) + p.encode()
                    for p in text.split(".")) + b"\0"


def record(owner, kind, data, length=None):
    size = len(data) if length is None else length
    return owner + struct.pack(">HHIH", kind, 1, 60, size) + data


def reply(query, flags, records=()):
    end = query.index(b"\0", 12) + 5
    return (query[:2] + struct.pack(">HHHHH", QR | flags, 1, len(records),
                                    0, 0) + query[12:end] + b"".join(records))


def mail(host="mx.new.example"):
    return struct.pack(">H", 10) + name(host)


def answer(kind, query, tcp):
    """The octets to send; None: none."""
    end = query.index(b"\0", 12) + 1
    what = struct.unpack(">H", query[end:end + 2])[0]
    own = b"\xc0\x0c"
    if kind == "silent" or kind == "cut" and tcp:
        return None
    if kind == "garbage":
        return query[:2] + b"\x84\x00no message at all"
    if kind in ("cut", "slowtcp", "huge") and not tcp:
        return reply(query, AA | TC)
    if kind == "other":
        return reply(query, AA, [record(name("other.example"), MX, mail())])
    if kind == "pointer":
        at = end + 4
        return reply(query, AA, [record(struct.pack(">H", 0xC000 | at), MX,
                                        mail())])
    if kind == "short":
        return reply(query, AA, [record(own, MX, mail(), 400)])
    if kind == "odd":
        return reply(query, AA | {MX: 5, TXT: 4}.get(what, 2))
    if kind == "huge" and what == TXT:
        text = (b"\xff" + b"x" * 255) * 234
        return reply(query, AA, [record(own, TXT, text)])
    flags = 0 if kind == "lame" else AA
    return reply(query, flags, [record(own, MX, mail())] if what == MX
                 else [])


def serve_udp(kind, s):
    while True:
        query, peer = s.recvfrom(2048)
        said = answer(kind, query, False)
        if said is not None:
            s.sendto(said, peer)


def talk(kind, s):
    with s, s.makefile("rb") as lines:
        while len(head := lines.read(2)) == 2:
            said = answer(kind, lines.read(struct.unpack(">H", head)[0]),
                          True)
            if said is None:
                continue
            said = struct.pack(">H", len(said)) + said
            step = 1 if kind == "slowtcp" else len(said)
            for at in range(0, len(said), step):
                s.sendall(said[at:at + step])
                time.sleep(0.0002)


def serve_tcp(kind, s):
    while True:
        peer = s.accept()[0]
        threading.Thread(target=talk, args=(kind, peer), daemon=True).start()


def bind():
    """A UDP and a TCP socket of one port."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        udp.bind(("127.0.0.1", 0))
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            continue
        tcp.listen(64)
        return udp, tcp


def main():
    for kind in KINDS:
        udp, tcp = bind()
        for serve, s in ((serve_udp, udp), (serve_tcp, tcp)):
            threading.Thread(target=serve, args=(kind, s),
                             daemon=True).start()
        path = os.path.join(sys.argv[1], kind)
        with open(path + ".new", "w", encoding="ascii") as f:
            f.write(f"{udp.getsockname()[1]}\n")
        os.rename(path + ".new", path)
    open(os.path.join(sys.argv[1], "port"), "w", encoding="ascii").close()
    threading.Event().wait()


main()
