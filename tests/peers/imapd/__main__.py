"""A scripted IMAP server, for tests of what a client does with odd servers.

  python3 tests/peers/imapd --dir DIR [OPTION...]

It serves one account from memory (see mailbox.py for the file that describes
it) on a free port of 127.0.0.1, until SIGTERM. In DIR it writes:

  port        the port, when it takes connections
  log         the dialogue: C1: and S1: lines of the first connection, ...
  appended/   what came by APPEND: NNNN.eml and index.tsv (see append.py)

With a certificate it offers STARTTLS; with --imaps too, TLS from the start.
"""

import argparse
import os
import signal
import socket
import ssl
import sys
import threading
import time
import warnings

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import append  # noqa: E402
import mailbox  # noqa: E402
import quirks  # noqa: E402
import session  # noqa: E402
import wire  # noqa: E402

BACKLOG = 100


def tls_context(args):
    """The server's side of TLS, or None without a certificate."""
    if not args.cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(args.cert, args.key)
    if args.tls:
        version = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
                   "1.2": ssl.TLSVersion.TLSv1_2,
                   "1.3": ssl.TLSVersion.TLSv1_3}[args.tls]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class Server:
    def __init__(self, args):
        self.account = mailbox.Account(description(args.mailbox))
        self.quirks = quirks.Quirks(args.quirk)
        self.context, self.imaps = tls_context(args), args.imaps
        self.secure = args.imaps
        self.credentials = (args.user.encode(), args.password.encode())
        self.log = wire.Log(os.path.join(args.dir, "log"))
        self.received = append.Received(os.path.join(args.dir, "appended"))
        self.sleep = time.sleep

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
            if self.imaps:
                self.wrap(line)
            session.Session(line, self).run()
        except wire.Gone:
            pass
        finally:
            line.socket.close()

    def run(self, listener):
        number = 0
        while True:
            sock, _ = listener.accept()
            number += 1
            threading.Thread(target=self.serve, args=(sock, number),
                             daemon=True).start()


def description(path):
    if path is None:
        return mailbox.DEFAULT
    with open(path, encoding="utf-8") as file:
        return file.read()


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__ + "\nQuirks:\n" + quirks.listing(),
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--mailbox", metavar="FILE")
    parser.add_argument("--user", default="user")
    parser.add_argument("--password", default="password")
    parser.add_argument("--cert", metavar="PEM")
    parser.add_argument("--key", metavar="PEM")
    parser.add_argument("--imaps", action="store_true")
    parser.add_argument("--tls", choices=["1.0", "1.1", "1.2", "1.3"],
                        help="this version of TLS and no other")
    parser.add_argument("--quirk", action="append", default=[],
                        metavar="NAME[=VALUE][@TIMES]")
    return parser.parse_args()


def main():
    args = arguments()
    os.makedirs(args.dir, exist_ok=True)
    try:
        server = Server(args)
    except (OSError, ValueError) as error:
        sys.exit("imapd: %s" % error)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(BACKLOG)
    port = os.path.join(args.dir, "port")
    with open(port + ".new", "w", encoding="ascii") as file:
        file.write("%d\n" % listener.getsockname()[1])
    os.rename(port + ".new", port)
    server.run(listener)


if __name__ == "__main__":
    main()
