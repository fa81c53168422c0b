#!/usr/bin/env python3
"""Stands in for saslauthd: saslmux.py SOCKET PASSWORD-FILE

Accepts every user with the one password. A request is four counted strings
(user, password, service, realm), the answer is one.
"""

import os
import socket
import struct
import sys


def counted(stream):
    size = struct.unpack(">H", stream.read(2))[0]
    return stream.read(size)


def main():
    path, password_file = sys.argv[1:]
    with open(password_file, "rb") as file:
        wanted = file.read()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.listen(50)
    while True:
        connection, _ = listener.accept()
        try:
            with connection.makefile("rb") as stream:
                words = [counted(stream) for _ in range(4)]
            answer = b"OK" if words[1] == wanted else b"NO"
            connection.sendall(struct.pack(">H", len(answer)) + answer)
        except (OSError, struct.error):
            pass  # the other side has gone
        connection.close()


if __name__ == "__main__":
    main()
