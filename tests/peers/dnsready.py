#!/usr/bin/env python3
"""dnsready.py PORT TOKEN SECONDS: waits until the name server there answers
with this identity (id.server, class CHAOS); 1: it does not, 2: a stranger's.
"""
import socket
import sys
import time

QUERY = (b"\x4d\x50\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"
         b"\x02id\x06server\x00\x00\x10\x00\x03")


def ask(port):
    """What a server on the port says; None: nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        try:
            s.connect(("127.0.0.1", port))
            s.send(QUERY)
            return s.recv(2048)
        except OSError:
            return None


def main():
    port, token, end = sys.argv[1], sys.argv[2], sys.argv[3]
    end = time.monotonic() + float(end)
    while time.monotonic() < end:
        answer = ask(int(port))
        if answer is not None:
            return 0 if token.encode() in answer else 2
        time.sleep(0.01)
    return 1


sys.exit(main())
