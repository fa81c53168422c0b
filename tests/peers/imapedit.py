#!/usr/bin/env python3
"""Changes an IMAP account, for tests of the audit:

  imapedit.py CONNECTION list FOLDER            lines UID, sha256, size
  imapedit.py CONNECTION show FOLDER UID        the body, byte for byte
  imapedit.py CONNECTION delete FOLDER UID...
  imapedit.py CONNECTION move FOLDER UID TO
  imapedit.py CONNECTION copy FOLDER UID TO     TO may be FOLDER: a duplicate
  imapedit.py CONNECTION alter FOLDER UID [OFFSET]   a copy with one byte
                                                changed takes the place
  imapedit.py CONNECTION flags FOLDER UID +FLAG|-FLAG...
  imapedit.py CONNECTION create|remove|empty FOLDER
  imapedit.py CONNECTION rename FOLDER TO

Folders are named as imapdump names them. A UID may also be #N: the message
N-th in the folder, #1 the first, #-1 the last. Every change prints a line:
what was done, folder, UID, sha256 of the body, and the new sha256 for alter.
"""

import argparse
import sys

sys.dont_write_bytecode = True

import rawappend  # noqa: E402
import rawimap  # noqa: E402


class Edit:
    def __init__(self, imap):
        self.imap = imap
        self.prefix, self.separator = imap.prefix()

    def wire(self, name):
        if name == "INBOX":
            return b"INBOX"
        return self.prefix + self.separator.join(
            rawimap.utf7_encode(level) for level in name.split("/"))

    def quoted(self, name):
        return rawimap.quote(self.wire(name))

    def open(self, name):
        self.imap.open(self.wire(name), b"SELECT")

    def uids(self):
        answers, _ = self.imap.command(b"UID SEARCH ALL")
        return [int(uid) for answer in answers if answer[1] == b"SEARCH"
                for uid in answer[2:]]

    def resolve(self, text):
        if not text.startswith("#"):
            return int(text)
        number = int(text[1:])
        return self.uids()[number - 1 if number > 0 else number]

    def fetch(self, uid):
        """{item: value} with BODY[], FLAGS and INTERNALDATE."""
        answers, _ = self.imap.command(
            b"UID FETCH %d (UID FLAGS INTERNALDATE BODY.PEEK[])" % uid)
        for answer in answers:
            items = rawimap.fetch_items(answer)
            if items and b"BODY[]" in items:
                return items
        raise rawimap.ImapError("no message with UID %d" % uid)

    def expunge(self, uid):
        """Removes one message; others that are \\Deleted stay."""
        self.imap.command(b"UID STORE %d +FLAGS.SILENT (\\Deleted)" % uid)
        self.imap.command(b"UID EXPUNGE %d" % uid)


def altered(body, offset):
    """body with one byte changed: a letter of the text, so that line ends
    and the header stay what they are."""
    if offset is None:
        header, blank, _ = body.partition(b"\r\n\r\n")
        start = len(header) + len(blank) if blank else 0
        letters = [i for i in range(start, len(body))
                   if chr(body[i]).isalnum() and body[i] < 128]
        if not letters:
            raise rawimap.ImapError("no letter in the text to alter")
        offset = letters[len(letters) // 2]
    other = b"Y" if body[offset:offset + 1] == b"X" else b"X"
    return body[:offset] + other + body[offset + 1:]


def done(*fields):
    print("\t".join(str(field) for field in fields))


def list_folder(edit, args):
    edit.open(args.folder)
    for uid in edit.uids():
        digest, size = rawimap.digest_of(edit.fetch(uid)[b"BODY[]"])
        done(uid, digest, size)


def show(edit, args):
    edit.open(args.folder)
    body = edit.fetch(edit.resolve(args.uid))[b"BODY[]"]
    with open(1, "wb", closefd=False) as out:
        out.write(body or b"")


def delete(edit, args):
    edit.open(args.folder)
    for uid in [edit.resolve(text) for text in args.uids]:
        body = edit.fetch(uid)[b"BODY[]"]
        edit.expunge(uid)
        done("delete", args.folder, uid, rawimap.digest_of(body)[0])


def move(edit, args):
    edit.open(args.folder)
    uid = edit.resolve(args.uid)
    body = edit.fetch(uid)[b"BODY[]"]
    edit.imap.command(b"UID COPY %d %s" % (uid, edit.quoted(args.to)))
    if args.verb == "move":
        edit.expunge(uid)
    done(args.verb, args.folder, uid, rawimap.digest_of(body)[0], args.to)


def alter(edit, args):
    edit.open(args.folder)
    uid = edit.resolve(args.uid)
    items = edit.fetch(uid)
    body = altered(items[b"BODY[]"], args.offset)
    flags = [flag.decode() for flag in items[b"FLAGS"]
             if flag.lower() != b"\\recent"]
    message = rawappend.Message(body, flags, items[b"INTERNALDATE"].decode())
    for _, _, refusal in rawappend.append(edit.imap, edit.wire(args.folder),
                                          [message]):
        if refusal is not None:
            raise rawimap.ImapError(refusal)
    edit.expunge(uid)
    done("alter", args.folder, uid, rawimap.digest_of(items[b"BODY[]"])[0],
         rawimap.digest_of(body)[0])


def flags(edit, args):
    edit.open(args.folder)
    uid = edit.resolve(args.uid)
    for change in args.change:
        edit.imap.command(b"UID STORE %d %sFLAGS.SILENT (%s)" % (
            uid, change[:1].encode(), change[1:].encode()))
    done("flags", args.folder, uid,
         rawimap.digest_of(edit.fetch(uid)[b"BODY[]"])[0])


def folder(edit, args):
    name = edit.quoted(args.folder)
    if args.verb == "create":
        edit.imap.command(b"CREATE " + name)
    elif args.verb == "remove":
        edit.imap.command(b"DELETE " + name)
    elif args.verb == "rename":
        edit.imap.command(b"RENAME %s %s" % (name, edit.quoted(args.to)))
    else:
        edit.open(args.folder)
        if edit.uids():
            edit.imap.command(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
            edit.imap.command(b"EXPUNGE")
    done(args.verb, args.folder)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    rawimap.add_arguments(parser)
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name, action, *words):
        sub = verbs.add_parser(name)
        sub.set_defaults(action=action)
        sub.add_argument("folder")
        for word in words:
            sub.add_argument(word)
        return sub

    verb("list", list_folder)
    verb("show", show, "uid")
    verb("delete", delete).add_argument("uids", nargs="+")
    verb("move", move, "uid", "to")
    verb("copy", move, "uid", "to")
    verb("alter", alter, "uid").add_argument("offset", type=int, nargs="?")
    # a change may begin with `-`: everything behind the UID is one
    verb("flags", flags, "uid").add_argument("change",
                                             nargs=argparse.REMAINDER)
    for name in ("create", "remove", "empty"):
        verb(name, folder)
    verb("rename", folder, "to")
    return parser.parse_args()


def main():
    args = arguments()
    try:
        edit = Edit(rawimap.connect(args))
        args.action(edit, args)
        edit.imap.logout()
    except (OSError, IndexError, rawimap.ImapError) as error:
        sys.exit("imapedit: %s" % error)


if __name__ == "__main__":
    main()
