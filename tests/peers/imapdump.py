#!/usr/bin/env python3
"""Prints what an IMAP account holds, as sorted lines of tab-separated fields:

    folder  sha256-of-body  INTERNALDATE-as-epoch  flags  [UIDVALIDITY  UID]

folder is UTF-8 with `/` between its levels, whatever the server uses; a `/`,
tab or line end inside a level is shown as \\xNN. flags are sorted, \\Recent
is left out, `-` stands for none. Bodies are hashed as they pass: memory does
not grow with their size.
"""

import argparse
import sys

sys.dont_write_bytecode = True

import rawimap  # noqa: E402

RANGE = 500  # messages a command


def shown(level):
    return "".join("\\x%02x" % ord(c) if c in "/\t\r\n" else c for c in level)


def folder_name(wire, separator, prefix):
    """The wire name of a folder in our own notation."""
    if wire.upper() == b"INBOX":
        return "INBOX"
    if prefix and wire.startswith(prefix):
        wire = wire[len(prefix):]
    levels = wire.split(separator) if separator else [wire]
    return "/".join(shown(rawimap.utf7_decode(level)) for level in levels)


def flag_list(flags):
    names = sorted(flag.decode("utf-8", "replace") for flag in flags
                   if flag.lower() != b"\\recent")
    return " ".join(names) or "-"


def message_rows(imap, facts, with_body):
    """Yields (sha256, size, epoch, flags, uid) of the open folder."""
    items = b"(UID FLAGS INTERNALDATE%s)" % (
        b" BODY.PEEK[]" if with_body else b" RFC822.SIZE")
    for first in range(1, facts.get("EXISTS", 0) + 1, RANGE):
        last = min(first + RANGE - 1, facts["EXISTS"])
        tag = imap.start(b"FETCH %d:%d %s" % (first, last, items))
        for answer in imap.until(tag, rawimap.Digest):
            got = rawimap.fetch_items(answer)
            if got is None or b"UID" not in got or \
                    with_body and b"BODY[]" not in got:
                continue  # not asked for: another's change of flags
            if with_body:
                digest, size = rawimap.digest_of(got[b"BODY[]"])
            else:
                digest, size = "-", int(got[b"RFC822.SIZE"])
            date = got.get(b"INTERNALDATE")
            yield (digest, size, str(rawimap.epoch(date)) if date else "-",
                   flag_list(got[b"FLAGS"]), got[b"UID"].decode())


def dump(imap, args):
    """Returns the lines to print, unsorted."""
    lines = []
    prefix = args.strip_prefix.encode()
    for separator, wire in list(imap.folders()):
        name = folder_name(wire, separator, prefix)
        if args.folders:
            lines.append(name)
            continue
        facts = imap.open(wire)
        count = total = 0
        for digest, size, date, flags, uid in \
                message_rows(imap, facts, not args.summary):
            count += 1
            total += size
            row = [name, digest, date, flags]
            if args.uids:
                row += [str(facts["UIDVALIDITY"]), uid]
            if not args.summary:
                lines.append("\t".join(row))
        if count != facts.get("EXISTS", 0):
            raise rawimap.ImapError("%s: EXISTS is %d, %d were listed" %
                                    (name, facts.get("EXISTS", 0), count))
        if args.summary:
            lines.append("%s\t%d\t%d" % (name, count, total))
    return lines


def subscriptions(imap, prefix):
    return [folder_name(wire, separator, prefix.encode())
            for _, separator, wire in imap.names(b"LSUB")]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    rawimap.add_arguments(parser)
    parser.add_argument("--strip-prefix", default="", metavar="PREFIX",
                        help="take PREFIX, such as INBOX., off the names")
    parser.add_argument("--uids", action="store_true",
                        help="add UIDVALIDITY and UID to each line")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--summary", action="store_true",
                      help="lines of folder, count, sum of RFC822.SIZE")
    what.add_argument("--folders", action="store_true",
                      help="only the names of the folders")
    what.add_argument("--subscribed", action="store_true",
                      help="only the names that are subscribed")
    args = parser.parse_args()
    try:
        imap = rawimap.connect(args)
        if args.subscribed:
            lines = subscriptions(imap, args.strip_prefix)
        else:
            lines = dump(imap, args)
        imap.logout()
    except (OSError, rawimap.ImapError) as error:
        sys.exit("imapdump: %s" % error)
    with open(1, "wb", closefd=False) as out:
        for line in sorted(line.encode("utf-8") for line in lines):
            out.write(line + b"\n")


if __name__ == "__main__":
    main()
