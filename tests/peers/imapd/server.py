"""The scripted server itself: one account, a thread for each connection."""

import os
import socket
import ssl
import threading
import time
import warnings

import append
import limits
import mailbox
import quirks
import session
import wire

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
            "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
BACKLOG = 100


def tls_context(args):
    """The server's side of TLS, or None without a certificate."""
    if not args.cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(args.cert, args.key)
    if args.tls:
        version = VERSIONS[args.tls]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def description(path):
    if path is None:
        return mailbox.DEFAULT
    with open(path, encoding="utf-8") as file:
        return file.read()


class Server:
    def __init__(self, args):
        self.account = mailbox.Account(description(args.mailbox))
        self.quirks = quirks.Quirks(args.quirk)
        self.context, self.imaps = tls_context(args), args.imaps
        self.secure = args.imaps
        self.log = wire.Log(os.path.join(args.dir, "log"))
        self.limits = limits.Limits(self.quirks, args.user, args.password,
                                    self.log,
                                    os.path.join(args.dir, "tokens"))
        self.received = append.Received(os.path.join(args.dir, "appended"))
        self.sleep = time.sleep
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(BACKLOG)
        self.port = self.listener.getsockname()[1]

    def wrap(self, line):
        """TLS on a connection that was plain so far."""
        if self.quirks.fires("tls-stall"):
            line.stall()
        try:
            line.socket = self.context.wrap_socket(line.socket,
                                                   server_side=True)
        except OSError as error:
            line.note("TLS: %s" % error)
            raise wire.Gone from error
        line.note("TLS: " + line.socket.version())

    def serve(self, sock, number):
        line = wire.Wire(sock, number, self.log, self.quirks)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.quirks.has("idle-out"):
                sock.settimeout(self.quirks.number("idle-out") / 1000)
            if self.imaps:
                self.wrap(line)
            session.Session(line, self).run()
        except wire.Gone:
            pass
        finally:
            line.socket.close()

    def run(self):
        number = 0
        while True:
            sock, _ = self.listener.accept()
            number += 1
            threading.Thread(target=self.serve, args=(sock, number),
                             daemon=True).start()
