#!/usr/bin/env python3
"""A line to a server that can be cut, for tests.

  line.py DIR PORTFILE

Listens on a free port of 127.0.0.1, which it writes to DIR/port, and passes
each connection on to the port that PORTFILE names at that moment; where there
is no such file, or nobody answers, the connection is closed. SIGUSR1 cuts all
connections that there are, SIGTERM ends it. SIGUSR2 lets them fall silent:
none is closed, and nothing comes through any more.
"""

import os
import signal
import socket
import sys
import threading

PIECE = 65536


class Line:
    def __init__(self, portfile):
        self.portfile, self.lock, self.open = portfile, threading.Lock(), set()
        self.silent = set()  # whose octets go nowhere

    def cut(self):
        with self.lock:
            for sock in self.open:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def hush(self):
        with self.lock:
            self.silent |= self.open

    def copy(self, source, sink):
        try:
            while True:
                data = source.recv(PIECE)
                if not data:
                    break
                if source not in self.silent:
                    sink.sendall(data)
        except OSError:
            pass
        for sock in (source, sink):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve(self, near):
        far = socket.socket()
        try:
            with open(self.portfile, encoding="ascii") as file:
                far.connect(("127.0.0.1", int(file.read())))
        except (OSError, ValueError):
            near.close()
            far.close()
            return
        for sock in (near, far):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.open |= {near, far}
        back = threading.Thread(target=self.copy, args=(far, near),
                                daemon=True)
        back.start()
        self.copy(near, far)
        back.join()
        with self.lock:
            self.open -= {near, far}
            self.silent -= {near, far}
        near.close()
        far.close()


def main():
    directory, portfile = sys.argv[1:]
    line = Line(portfile)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(100)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    # in a thread: a handler may come while the lock is held
    signal.signal(signal.SIGUSR1, lambda *_: threading.Thread(
        target=line.cut, daemon=True).start())
    signal.signal(signal.SIGUSR2, lambda *_: threading.Thread(
        target=line.hush, daemon=True).start())
    port = os.path.join(directory, "port")
    with open(port + ".new", "w", encoding="ascii") as file:
        file.write("%d\n" % listener.getsockname()[1])
    os.rename(port + ".new", port)
    while True:
        near, _ = listener.accept()
        threading.Thread(target=line.serve, args=(near,), daemon=True).start()


if __name__ == "__main__":
    main()
