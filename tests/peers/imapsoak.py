#!/usr/bin/env python3
"""Lives in an account while it is followed, and knows what must come of it:

  imapsoak.py CONNECTION --target USER write SEED STOPFILE EXPECTED
      delivers, flags, moves and expunges until STOPFILE is there; then writes
      what the target must hold to EXPECTED: lines FOLDER, sha256, copies
  imapsoak.py CONNECTION --target USER check EXPECTED
      compares; status 1 and what differs

Both accounts are on one server and have one password. Only what the target
has already is moved or expunged: nobody can follow what he never saw.
"""

import argparse
import collections
import os
import random
import sys
import time

sys.dont_write_bytecode = True

import rawappend  # noqa: E402
import rawimap  # noqa: E402
from imapedit import Edit  # noqa: E402

FOLDERS = ["INBOX", "INBOX", "Sent", "Liste"]
MOVED = "Moved"
LOOK = 1.0  # seconds between looks at the target
PAUSE = 0.15  # at most, between two steps


def contents(edit, folder):
    """{digest: copies}, {digest: UID}"""
    counts, uids = collections.Counter(), {}
    try:
        edit.open(folder)
    except rawimap.ImapError:
        return counts, uids
    if not edit.uids():
        return counts, uids
    answers, _ = edit.imap.command(b"UID FETCH 1:* (UID BODY.PEEK[])")
    for answer in answers:
        items = rawimap.fetch_items(answer)
        if items and b"BODY[]" in items:
            digest = rawimap.digest_of(items[b"BODY[]"])[0]
            counts[digest] += 1
            uids[digest] = int(items[b"UID"])
    return counts, uids


class Writer:
    def __init__(self, source, target, seed):
        self.source, self.target = source, target
        self.random = random.Random(seed)
        self.expected = collections.Counter()
        self.number, self.seed, self.looked = 0, seed, 0
        self.there = {}

    def deliver(self, copies=1):
        folder = self.random.choice(FOLDERS)
        self.number += 1
        body = ("From: soak@example.org\r\nSubject: soak %d\r\n"
                "Message-ID: <%d.%d@example.org>\r\n\r\n%s\r\n" % (
                    self.number, self.seed, self.number,
                    "x" * self.random.randrange(3000))).encode()
        for _ in range(copies):
            for _, _, refusal in rawappend.append(
                    self.source.imap, self.source.wire(folder),
                    [rawappend.Message(body)]):
                if refusal is not None:
                    raise rawimap.ImapError(refusal)
        self.expected[folder, rawimap.digest_of(body)[0]] += copies

    def pick(self):
        """(folder, UID, digest) of one that the target has, or None."""
        folder = self.random.choice(FOLDERS)
        if time.monotonic() > self.looked + LOOK:
            self.there, self.looked = {}, time.monotonic()
        if folder not in self.there:
            self.there[folder] = contents(self.target, folder)[0]
        _, uids = contents(self.source, folder)
        known = sorted(d for d in uids if self.expected[folder, d] == 1 and
                       self.there[folder][d] == 1)
        if not known:
            return None
        digest = self.random.choice(known)
        return folder, uids[digest], digest

    def change(self, what):
        found = self.pick()
        if found is None:
            return
        folder, uid, digest = found
        if what == "flag":
            self.source.imap.command(
                b"UID STORE %d +FLAGS.SILENT (\\Seen \\Flagged)" % uid)
            return
        if what == "move":
            self.expected[MOVED, digest] += 1
            self.source.imap.command(b"UID COPY %d %s" % (
                uid, self.source.quoted(MOVED)))
        self.source.expunge(uid)

    def step(self):
        chance = self.random.random()
        if chance < 0.6:
            self.deliver()
        elif chance < 0.7:
            self.deliver(2)
        else:
            self.change(self.random.choice(["flag", "move", "expunge"]))


def write(source, target, args):
    for folder in set(FOLDERS) | {MOVED}:
        if folder != "INBOX":
            source.imap.command(b"CREATE " + source.quoted(folder))
    writer = Writer(source, target, args.seed)
    while not os.path.exists(args.stop):
        writer.step()
        time.sleep(writer.random.random() * PAUSE)
    with open(args.expected, "w", encoding="ascii") as file:
        for (folder, digest), copies in sorted(writer.expected.items()):
            file.write("%s\t%s\t%d\n" % (folder, digest, copies))
    return 0


def check(_source, target, args):
    expected = collections.defaultdict(collections.Counter)
    with open(args.expected, encoding="ascii") as file:
        for line in file:
            folder, digest, copies = line.split()
            expected[folder][digest] = int(copies)
    different = total = 0
    for folder, wanted in expected.items():
        got, _ = contents(target, folder)
        total += sum(wanted.values())
        for digest in set(wanted) | set(got):
            if wanted[digest] != got[digest]:
                different += 1
                print("%s %s: wanted %d, got %d" % (
                    folder, digest, wanted[digest], got[digest]))
    print("%d messages, %d differ" % (total, different))
    return 1 if different or not total else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    rawimap.add_arguments(parser)
    parser.add_argument("--target", required=True)
    verbs = parser.add_subparsers(dest="verb", required=True)
    sub = verbs.add_parser("write")
    sub.set_defaults(action=write)
    sub.add_argument("seed", type=int)
    sub.add_argument("stop")
    sub.add_argument("expected")
    sub = verbs.add_parser("check")
    sub.set_defaults(action=check)
    sub.add_argument("expected")
    return parser.parse_args()


def main():
    args = arguments()
    source = Edit(rawimap.connect(args))
    args.user = args.target
    target = Edit(rawimap.connect(args))
    sys.exit(args.action(source, target, args))


if __name__ == "__main__":
    main()
