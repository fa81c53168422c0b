#!/usr/bin/env python3
"""The login in front of an IMAP server that only speaks PREAUTH.

  preauth_gate.py PORT-FILE PASSWORD-FILE HOME CAPABILITIES -- COMMAND...

Courier's imapd, started by hand, serves a mailbox to whoever is at its
standard input. This takes connections on a free port of 127.0.0.1, lets every
user in who knows the password, makes HOME/USER/Maildir where there is none,
starts COMMAND there with AUTHENTICATED=USER, and hands the line over.
"""

import base64
import os
import re
import socket
import subprocess
import sys
import threading


class Gate:
    def __init__(self, password, home, capabilities, command):
        self.password, self.home = password, home
        self.capabilities, self.command = capabilities, command

    def maildir(self, user):
        """The user's home, with a Maildir that belongs to its owner."""
        top = os.path.join(self.home, user)
        owner = os.stat(self.home)
        for path in ("", "Maildir", "Maildir/cur", "Maildir/new",
                     "Maildir/tmp"):
            path = os.path.join(top, path)
            if not os.path.isdir(path):
                os.mkdir(path, 0o700)
                os.chown(path, owner.st_uid, owner.st_gid)
        return top

    def login(self, stream):
        """The dialogue before the login: (tag, user), or None at its end."""
        def say(text):
            stream.write(text + b"\r\n")
            stream.flush()

        say(b"* OK [CAPABILITY %s AUTH=PLAIN SASL-IR] gate ready" %
            self.capabilities)
        for line in stream:
            tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
            words = rest.split(b" ")
            verb = words[0].upper()
            if verb == b"CAPABILITY":
                say(b"* CAPABILITY %s AUTH=PLAIN SASL-IR\r\n%s OK done" %
                    (self.capabilities, tag))
            elif verb == b"LOGOUT":
                say(b"* BYE\r\n" + tag + b" OK done")
                return None
            elif verb == b"AUTHENTICATE" and words[1].upper() == b"PLAIN":
                if len(words) < 3:
                    say(b"+ ")
                    words.append(stream.readline().strip())
                reply = base64.b64decode(words[2]).split(b"\0")
                if len(reply) == 3 and reply[2] == self.password:
                    return tag, reply[1].decode()
                say(tag + b" NO [AUTHENTICATIONFAILED] wrong password")
            else:
                say(tag + b" BAD log in by AUTHENTICATE PLAIN")
        return None

    def serve(self, client):
        stream = client.makefile("rwb")
        found = self.login(stream)
        if found and re.fullmatch(r"\w+", found[1]):
            self.hand_over(client, stream, *found)
        stream.close()
        client.close()

    def hand_over(self, client, stream, tag, user):
        home = self.maildir(user)
        ours, theirs = socket.socketpair()
        child = subprocess.Popen(
            self.command, stdin=theirs, stdout=theirs, cwd=home,
            env=dict(os.environ, HOME=home, AUTHENTICATED=user,
                     AUTHADDR=user))
        theirs.close()
        answers = ours.makefile("rb")
        for line in answers:
            if line.startswith(b"* PREAUTH"):
                stream.write(tag + b" OK logged in\r\n")
                stream.flush()
                break
        threading.Thread(target=pump, daemon=True, args=(
            stream.read1, ours.sendall, ours)).start()
        pump(answers.read1, client.sendall, client)
        child.wait()


def pump(read, write, target):
    """Passes bytes on until one side ends, then tells the other."""
    try:
        data = read(65536)
        while data:
            write(data)
            data = read(65536)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main():
    cut = sys.argv.index("--")
    port_file, password_file, home, capabilities = sys.argv[1:cut]
    with open(password_file, "rb") as file:
        gate = Gate(file.read(), home, capabilities.encode(),
                    sys.argv[cut + 1:])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(50)
    with open(port_file + ".new", "w", encoding="ascii") as file:
        file.write("%d\n" % listener.getsockname()[1])
    os.rename(port_file + ".new", port_file)
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=gate.serve, args=(client,),
                         daemon=True).start()


if __name__ == "__main__":
    main()
