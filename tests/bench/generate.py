#!/usr/bin/env python3
"""generate.py [--scale X] [--seed N] SET DIR: writes a mailbox of the set S,
M or XL as a Maildir++ to DIR, the same bytes for the same seed.

Sizes are log-normal, their spread chosen so that the sum is the set's. Below
the largest messages lie base64 that does not compress, base64 of text, HTML,
plain and 8-bit text. Some messages lie in several folders or twice in one,
some have no Message-ID, some share one that another message has.
"""
import argparse
import base64
import math
import os
import random
import statistics
import string
import sys
import time

KB, MB = 1000, 1000000
BIG = 25 * MB

# messages, octets in all, folders, median size, those of 25 MB
SETS = {
    "S": (2000, 105 * MB, 10, 8 * KB, 1),
    "M": (20000, 1200 * MB, 25, 8 * KB, 4),
    "XL": (100000, 419 * MB, 25, 3 * KB, 0),
}

FOLDERS = (
    "INBOX", "Sent", "Projekte/Müller & Söhne", "Archive", "Входящие/Работа",
    "Projekte", "Archive/2023", "日本語/仕事", "Entwürfe", "Projekte/Ärger/Überfällig",
    "Trash", "Archive/2022", "Archive/2021", "日本語", "Входящие",
    "Lists/c-language", "Lists/imap", "Lists", "Projekte/Ärger", "Rechnungen",
    "Rechnungen/2023", "Rechnungen/2024 ☂", "A&B", "Été à la mer", "Sent/old",
)

EPOCH = 1700000000
WORDS = 4000
TEXT_POOL, RANDOM_POOL = 24 * MB, 24 * MB
ALPHABET = (string.ascii_letters + string.digits + "+/").encode()


def modified_utf7(name):
    """RFC 3501, 5.1.3"""
    out, run = [], ""
    for char in name + "\0":
        if run and (" " <= char <= "~" or char == "\0"):
            code = base64.b64encode(run.encode("utf-16-be")).decode()
            out.append("&" + code.rstrip("=").replace("/", ",") + "-")
            run = ""
        if char == "&":
            out.append("&-")
        elif " " <= char <= "~":
            out.append(char)
        elif char != "\0":
            run += char
    return "".join(out)


class Sizes:
    """n sizes of a log-normal distribution whose sum is the one asked for:
    its quantiles rather than draws, which would miss the sum by far."""

    def __init__(self, count, total, median, big):
        normal = statistics.NormalDist()
        self.points = [normal.inv_cdf((i + 0.5) / count) for i in range(count)]
        self.median, self.big = median, min(big, int(total / 3 / BIG))
        low, high = 0.1, 4.0
        for _ in range(40):
            middle = (low + high) / 2
            if sum(self.with_spread(middle)) < total:
                low = middle
            else:
                high = middle
        self.values = self.with_spread(low)

    def with_spread(self, spread):
        sizes = [min(BIG, max(500, int(self.median * math.exp(spread * z))))
                 for z in self.points]
        for i in range(self.big):
            sizes[-1 - i] = BIG
        return sizes


class Pools:
    """Long runs of lines that bodies are cut from."""

    def __init__(self, rnd):
        self.rnd = rnd
        letters = "etaoinshrdlucmfwypvbgk"
        weights = [1 / (i + 2) for i in range(len(letters))]
        plain = ["".join(rnd.choices(letters, weights, k=rnd.randint(2, 11)))
                 for _ in range(WORDS)]
        accented = [w.translate(str.maketrans("aouec", "äöüéç"))
                    for w in plain]
        self.words = plain
        rank = [1 / (i + 3) for i in range(WORDS)]
        self.text = self.lines(plain, rank, TEXT_POOL).encode()
        eight = self.lines([rnd.choice(p) for p in zip(plain, accented)], rank,
                           4 * MB)
        self.latin1 = eight.encode("latin-1")
        self.utf8 = eight.encode()
        self.coded = base64.encodebytes(self.text[:12 * MB])
        self.random = base64.encodebytes(rnd.randbytes(RANDOM_POOL))

    def lines(self, words, weights, size):
        drawn = self.rnd.choices(words, weights, k=size // 7)
        return "\n".join(" ".join(drawn[i:i + 11])
                         for i in range(0, len(drawn), 11)) + "\n"

    def cut(self, pool, size):
        """whole lines of about that size, the pool taken round and round"""
        parts = []
        while size > 0:
            at = self.rnd.randrange(len(pool) - min(size, len(pool) // 2))
            at = pool.rfind(b"\n", 0, at) + 1
            end = pool.find(b"\n", min(at + size, len(pool) - 1)) + 1
            parts.append(pool[at:end])
            size -= end - at
        return b"".join(parts)

    def noise(self, size):
        """base64 that repeats nothing: another order of the alphabet for
        each piece, so that no cut resembles an earlier one"""
        order = bytes(self.rnd.sample(ALPHABET, 64))
        return self.cut(self.random, size).translate(
            bytes.maketrans(ALPHABET, order))


class Mail:
    """Messages of a wanted size on the wire."""

    def __init__(self, rnd, pools):
        self.rnd, self.pools = rnd, pools
        self.count = 0
        self.ids = ["<shared@lists.example.org>"]

    def phrase(self, count):
        return " ".join(self.rnd.choices(self.pools.words, k=count))

    def message_id(self):
        draw = self.rnd.random()
        if draw < 0.02:
            return ""
        if draw < 0.04:
            return f"Message-ID: {self.rnd.choice(self.ids)}\n"
        mid = f"<{self.rnd.getrandbits(64):x}.{self.count}@mail.example.net>"
        if len(self.ids) < 1000:
            self.ids.append(mid)
        return f"Message-ID: {mid}\n"

    def header(self, at):
        rnd = self.rnd
        date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(at))
        received = "".join(
            f"Received: from mx{rnd.randrange(99)}.example.org"
            f" (mx.example.org [192.0.2.{rnd.randrange(255)}])\n"
            f"\tby relay{hop}.example.net (Postfix) with ESMTPS id"
            f" {rnd.getrandbits(44):X}\n"
            f"\tfor <anna@example.com>; {date}\n"
            for hop in range(rnd.randrange(4)))
        subject = self.phrase(rnd.randint(1, 8))
        draw = rnd.random()
        if draw < 0.10:
            code = base64.b64encode(("Größe: " + subject[:30]).encode())
            subject = f"=?utf-8?B?{code.decode()}?="
        elif draw < 0.13:
            subject = "Über " + subject
        return (f"Return-Path: <{self.phrase(1)}@example.org>\n{received}"
                f"Date: {date}\nFrom: {self.phrase(2)}"
                f" <{self.phrase(1)}@example.org>\nTo: anna@example.com\n"
                f"{self.message_id()}Subject: {subject}\n")

    def attachment(self, size, head, edge):
        rnd = self.rnd
        body = self.pools.cut(self.pools.utf8, min(2000, size // 4))
        size -= len(body)
        draw = rnd.random()
        if draw < 0.72:
            kind, coding, data = "image/jpeg", "base64", self.pools.noise(size)
        elif draw < 0.88:
            kind, coding = "application/msword", "base64"
            data = self.pools.cut(self.pools.coded, size)
        else:
            kind, coding = "text/csv", "7bit"
            data = self.pools.cut(self.pools.text, size)
        return (f"{head}MIME-Version: 1.0\nContent-Type: multipart/mixed;"
                f" boundary=\"{edge}\"\n\n--{edge}\n"
                "Content-Type: text/plain; charset=utf-8\n"
                "Content-Transfer-Encoding: 8bit\n\n").encode() + body + (
                f"\n--{edge}\nContent-Type: {kind};"
                f" name=\"{self.phrase(1)}\"\n"
                f"Content-Transfer-Encoding: {coding}\n\n").encode() + data + (
                f"\n--{edge}--\n").encode()

    def make(self, size, at):
        """size in octets with CRLF; the result has LF, as Maildirs have"""
        self.count += 1
        size = size * 75 // 76 - 500
        head = self.header(at)
        draw = self.rnd.random()
        if size > 16 * KB and draw < 0.8:
            edge = f"=_{self.rnd.getrandbits(96):024x}"
            return self.attachment(size - 500, head, edge)
        if draw < 0.15:
            kind, pool = "text/plain; charset=iso-8859-1", self.pools.latin1
        elif draw < 0.4:
            kind, pool = "text/plain; charset=utf-8", self.pools.utf8
        else:
            kind, pool = "text/plain; charset=us-ascii", self.pools.text
        body = self.pools.cut(pool, max(20, size - len(head)))
        if draw > 0.7:
            kind = kind.replace("plain", "html")
            body = (b"<html><body>\n<p class=\"body-text\">" +
                    body.replace(b"\n", b"<br>\n") + b"</p></body></html>\n")
        return (f"{head}MIME-Version: 1.0\nContent-Type: {kind}\n"
                "Content-Transfer-Encoding: 8bit\n\n").encode() + body


class Maildir:
    def __init__(self, root):
        self.root, self.count = root, 0

    def folder(self, name):
        path = self.root
        if name != "INBOX":
            path = os.path.join(
                path, "".join("." + modified_utf7(p) for p in name.split("/")))
        for sub in ("cur", "new", "tmp"):
            os.makedirs(os.path.join(path, sub))
        if path != self.root:
            with open(os.path.join(path, "maildirfolder"), "wb"):
                pass
        return os.path.join(path, "cur")

    def put(self, cur, data, at, flags):
        self.count += 1
        wire = len(data) + data.count(b"\n")
        path = os.path.join(
            cur, f"{at}.M{self.count:06d}P1.bench,S={len(data)},W={wire}"
            f":2,{flags}")
        with open(path, "wb", 0) as file:
            file.write(data)
        os.utime(path, (at, at))
        return wire


def generate(args):
    count, total, folders, median, big = SETS[args.set]
    count = max(10, int(count * args.scale))
    rnd = random.Random(f"{args.seed}-{args.set}")
    sizes = Sizes(count, total * args.scale, median, big).values
    rnd.shuffle(sizes)
    mail = Mail(rnd, Pools(rnd))
    box = Maildir(args.dir)
    curs = [box.folder(name) for name in FOLDERS[:folders]]
    weights = [1 / (i + 1.5) for i in range(folders)]
    octets, recent = 0, []
    for i, size in enumerate(sizes):
        at = EPOCH + i * 300
        cur = rnd.choices(curs, weights)[0]
        # 3 in 100 are copies, most of them in another folder
        if recent and rnd.random() < 0.03 and size < 100 * KB:
            data, at, cur_of = rnd.choice(recent)
            if rnd.random() < 0.3:
                cur = cur_of
        else:
            data = mail.make(size, at)
            if len(data) < 100 * KB:
                recent = recent[-99:] + [(data, at, cur)]
        flags = "".join(f for f, p in zip("DFRST", (.01, .05, .2, .8, .02))
                        if rnd.random() < p)
        octets += box.put(cur, data, at, flags)
    print(f"{args.set}: {box.count} messages, {octets / MB:.0f} MB,"
          f" {folders} folders", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("dir")
    generate(parser.parse_args())


if __name__ == "__main__":
    main()
