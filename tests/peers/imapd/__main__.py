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
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import quirks  # noqa: E402
import server  # noqa: E402


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
    parser.add_argument("--tls", choices=sorted(server.VERSIONS),
                        help="this version of TLS and no other")
    parser.add_argument("--quirk", action="append", default=[],
                        metavar="NAME[=VALUE][@TIMES]")
    return parser.parse_args()


def main():
    args = arguments()
    os.makedirs(args.dir, exist_ok=True)
    try:
        imapd = server.Server(args)
    except (OSError, ValueError) as error:
        sys.exit("imapd: %s" % error)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    port = os.path.join(args.dir, "port")
    with open(port + ".new", "w", encoding="ascii") as file:
        file.write("%d\n" % imapd.port)
    os.rename(port + ".new", port)
    imapd.run()


if __name__ == "__main__":
    main()

