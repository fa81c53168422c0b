#!/usr/bin/env python3
"""Fills an IMAP account, for tests, in one of two ways:

  imapfill.py CONNECTION corpus DIR   all .eml files below DIR, spread over
                                      nested folders, with flags, dates and
                                      duplicates that follow from the paths
  imapfill.py CONNECTION files FOLDER FILE...   these files into one folder

Folder names are UTF-8 with `/` between the levels. A file whose line ends are
all bare LF is sent with CRLF; any other file is sent as it is. Empty files are
skipped and counted: no server takes an empty message.

Prints lines NAME TAB VALUE: sent, bytes, skipped-empty, and for each message
that was refused: refused, its path, the server's words (and status 1).
"""

import argparse
import hashlib
import os
import re
import sys
import time

sys.dont_write_bytecode = True

import rawappend  # noqa: E402
import rawimap  # noqa: E402

# (folder, share of the messages); no `.`, some servers part levels with it
FOLDERS = [
    ("INBOX", 12), ("Sent", 6), ("Лист", 3),
    ("Arbeit/Größe", 3), ("Arbeit/Größe/日本", 3),
    ("A&B", 2), ("A&B/&-", 1), ("Two  blanks and one ", 2),
    ("Kunden/Müller & Söhne/2019", 2), ("tief/a/b/c/d/e/f/g/h", 1),
    ('"quoted" and \\ back', 1), ("100% sure*", 1), ("(list) {3} [x]", 1),
    ("Emoji 📬/✓", 1), ("cafe\u0301", 1),
]
# what not every server takes in a name
ODD = re.compile('["\\\\%*{\u0301\U00010000-\U0010ffff]|\\s$')
EMPTY_FOLDERS = ["Leer", "Leer/noch leerer"]
SYSTEM_FLAGS = ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"]
KEYWORDS = ["$Forwarded", "$MDNSent", "$Junk", "$NotJunk", "Junk", "NonJunk",
            "$label1", "$label2", "$label3", "Kunde-42", "todo", "x/y:z"]
MANY_KEYWORDS = 40  # more than the 26 that a maildir's file names hold
ZONES = ["+0000", "-0000", "+0100", "+0200", "-0330", "-0700", "-0800",
         "+0530", "+0545", "+1345", "-1100", "+1400"]
FIRST_DATE, LAST_DATE = 725846400, 1735689600  # 1993 to 2024


class Chance:
    """Numbers that look random and follow from a text alone."""

    def __init__(self, *words):
        digest = hashlib.sha256("\0".join(words).encode("utf-8")).digest()
        self.left = int.from_bytes(digest, "big")

    def below(self, limit):
        self.left, number = divmod(self.left, limit)
        return number


def zone_seconds(zone):
    sign = -1 if zone[0] == "-" else 1
    return sign * (int(zone[1:3]) * 60 + int(zone[3:])) * 60


def date_text(instant, zone):
    """An instant as INTERNALDATE in a zone."""
    local = time.gmtime(instant + zone_seconds(zone))
    return "%2d-%s-%04d %02d:%02d:%02d %s" % (
        local.tm_mday, rawimap.MONTHS[local.tm_mon - 1], local.tm_year,
        local.tm_hour, local.tm_min, local.tm_sec, zone)


def some_flags(chance, many_keywords):
    """Seen for most, the others seldom, none for a third."""
    flags = []
    if chance.below(3):
        flags = [flag for flag in SYSTEM_FLAGS
                 if chance.below(2 if flag == "\\Seen" else 6) == 0]
    if chance.below(4) == 0:
        flags += {KEYWORDS[chance.below(len(KEYWORDS))] for _ in range(3)}
    if many_keywords:
        flags.append("kw%02d" % chance.below(MANY_KEYWORDS))
    return flags


def some_folder(chance, folders):
    number = chance.below(sum(share for _, share in folders))
    for name, share in folders:
        number -= share
        if number < 0:
            return name


def wire_bytes(path):
    with open(path, "rb") as file:
        body = file.read()
    if b"\n" in body and b"\r\n" not in body:
        body = body.replace(b"\n", b"\r\n")
    return body


def dovecot_bytes(body):
    """What Dovecot gives back for a body (measured with 2.3.19):
    NUL becomes 0x80, each line ends in one CRLF, `\\r\\r\\n` and a last
    lone `\\r` lose a CR."""
    body = re.sub(rb"\r?\r?\n", b"\r\n", body.replace(b"\0", b"\x80"))
    return body[:-1] if body.endswith(b"\r") else body


def expected_line(name, message):
    """imapdump's line for a message that a Dovecot took."""
    fields = (name, hashlib.sha256(dovecot_bytes(message.body)).hexdigest(),
              "-" if message.instant is None else str(message.instant),
              " ".join(sorted(message.flags)) or "-")
    return "\t".join(fields).encode("utf-8") + b"\n"


class Account:
    """The account being filled: folder names, and what was sent."""

    def __init__(self, imap):
        self.imap, self.known = imap, {"INBOX"}
        self.prefix, self.separator = imap.prefix()
        self.sent = self.bytes = self.empty = 0
        self.expected, self.refused = [], []

    def wire_name(self, name):
        if name == "INBOX":
            return b"INBOX"
        return self.prefix + self.separator.join(
            rawimap.utf7_encode(level) for level in name.split("/"))

    def create(self, name):
        if name not in self.known:
            try:
                self.imap.command(b"CREATE " +
                                  rawimap.quote(self.wire_name(name)))
            except rawimap.ImapError as error:
                if "exists" not in str(error).lower():
                    raise
            self.known.add(name)

    def subscribe(self, name):
        self.imap.command(b"SUBSCRIBE " + rawimap.quote(self.wire_name(name)))

    def append(self, name, messages):
        self.create(name)
        for message, _, refusal in rawappend.append(
                self.imap, self.wire_name(name), self._not_empty(messages)):
            if refusal is not None:
                self.refused.append((message.origin, refusal))
                continue
            self.sent += 1
            self.bytes += len(message.body)
            self.expected.append(expected_line(name, message))

    def _not_empty(self, messages):
        for message in messages:
            if message.body:
                yield message
            else:
                self.empty += 1

    def report(self, expect):
        print("sent\t%d\nbytes\t%d\nskipped-empty\t%d" %
              (self.sent, self.bytes, self.empty))
        for origin, text in self.refused:
            print("refused\t%s\t%s" % (origin, text))
        if expect:
            with open(expect, "wb") as out:
                out.writelines(sorted(self.expected))
        return 1 if self.refused else 0


def message_from(path, origin, word, args):
    """The file as a message with flags and a date that follow from word."""
    chance = Chance(args.seed, word)
    instant = FIRST_DATE + chance.below(LAST_DATE - FIRST_DATE)
    date = date_text(instant, ZONES[chance.below(len(ZONES))])
    return rawappend.Message(wire_bytes(path),
                             some_flags(chance, args.many_keywords),
                             date, origin, instant)


def corpus_paths(top, limit):
    """The .eml files below top as relative paths, in an order without any
    relation to their names."""
    paths = []
    for directory, _, names in os.walk(top):
        paths += [os.path.relpath(os.path.join(directory, name), top)
                  for name in names if name.endswith(".eml")]
    paths.sort(key=lambda path: (hashlib.sha256(path.encode()).digest(), path))
    return paths[:limit]


def spread(paths, seed, folders):
    """{folder: [(path, word)]}: each path once, some twice in one folder,
    some in another folder too; word makes the copies differ in flags."""
    plan = {name: [] for name, _ in folders}
    for path in paths:
        chance = Chance(seed, "folder", path)
        name = some_folder(chance, folders)
        plan[name].append((path, path))
        if chance.below(30) == 0:
            plan[name].append((path, path + "+same"))
        if chance.below(30) == 0:
            plan[some_folder(chance, folders)].append((path, path + "+other"))
    return plan


def fill_corpus(account, args):
    paths = corpus_paths(args.directory, args.limit)
    if not paths:
        raise OSError("no .eml files below " + args.directory)
    folders = [(name, share) for name, share in FOLDERS
               if not args.tame_names or not ODD.search(name)]
    for name, members in spread(paths, args.seed, folders).items():
        account.append(name, (
            message_from(os.path.join(args.directory, path), path, word, args)
            for path, word in members))
    for name in EMPTY_FOLDERS:
        account.create(name)
    for number, name in enumerate(sorted(account.known)):
        if number % 2 == 0:
            account.subscribe(name)


def fill_files(account, args):
    def messages():
        for path in args.file:
            for _ in range(args.copies):
                if args.date is None and args.flags is None:
                    yield message_from(path, path, path, args)
                    continue
                date = args.date.encode() if args.date else None
                yield rawappend.Message(
                    wire_bytes(path), (args.flags or "").split(), args.date,
                    path, rawimap.epoch(date) if date else None)

    account.append(args.folder, messages())
    if args.subscribe:
        account.subscribe(args.folder)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    rawimap.add_arguments(parser)
    parser.add_argument("--seed", default="1", help="another spread")
    parser.add_argument("--many-keywords", action="store_true",
                        help="more than 26 keywords in one folder")
    parser.add_argument("--expect", metavar="FILE", help="write the lines that"
                        " imapdump must print for a Dovecot filled so")
    modes = parser.add_subparsers(dest="mode", required=True)
    corpus = modes.add_parser("corpus")
    corpus.add_argument("directory")
    corpus.add_argument("--tame-names", action="store_true",
                        help="no folder names that some servers refuse")
    corpus.add_argument("--limit", type=int, help="at most so many files")
    files = modes.add_parser("files")
    files.add_argument("folder")
    files.add_argument("file", nargs="*", help="none: only make the folder")
    files.add_argument("--flags", help='such as "\\Seen $Forwarded"')
    files.add_argument("--date", help="INTERNALDATE, as in IMAP")
    files.add_argument("--copies", type=int, default=1)
    files.add_argument("--subscribe", action="store_true")
    return parser.parse_args()


def main():
    args = arguments()
    try:
        account = Account(rawimap.connect(args))
        if args.mode == "corpus":
            fill_corpus(account, args)
        else:
            fill_files(account, args)
        account.imap.logout()
    except (OSError, rawimap.ImapError) as error:
        sys.exit("imapfill: %s" % error)
    sys.exit(account.report(args.expect))


if __name__ == "__main__":
    main()
