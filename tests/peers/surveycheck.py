#!/usr/bin/env python3
"""Checks reports of msurvey, for tests: by the ends of their names TSV, JSON
or HTML (a file without an end is TSV). Those of TSV and JSON on one line must
hold the same tables. Exits with 1 and says what is wrong.
"""

import json
import sys
import urllib.parse
import xml.etree.ElementTree as tree
from html.parser import HTMLParser

INERT = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3",
         "p", "div", "span", "b", "dl", "dt", "dd", "small", "bdi", "code",
         "pre", "br", "table", "caption", "thead", "tbody", "tr", "th", "td",
         "ul", "li", "a", "figure", "figcaption", "svg", "desc", "line",
         "text", "rect"}
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class",
              "scope", "colspan", "href", "viewbox", "role", "aria-labelledby", "id",
              "x", "y", "x1", "x2", "y1", "y2", "width", "height",
              "text-anchor"}


class Strict(HTMLParser):
    """What a browser makes of it: no element but ours, in order."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []

    def handle_starttag(self, tag, attrs):
        assert tag in INERT, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            assert name != "href" or value.startswith("./"), value
        if tag != "meta" and tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "br"):
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_comment(self, data):
        raise AssertionError("a comment: " + data)


def check_html(data):
    text = data.decode("utf-8")
    tree.fromstring(text)
    parser = Strict()
    parser.feed(text)
    parser.close()
    assert not parser.open, parser.open
    ids = [e.get("id") for e in tree.fromstring(text).iter() if e.get("id")]
    assert len(ids) == len(set(ids)), "an id is used twice"
    for control in range(32):
        assert control in (9, 10) or chr(control) not in text, control


def tables_of_tsv(data):
    columns, tables = {}, {}
    lines = data.decode("utf-8").split("\n")
    assert lines.pop() == "", "no line end"
    for line in lines[1:]:
        fields = line.split("\t")
        if line.startswith("#"):
            columns[fields[0][1:]] = fields[1:]
            tables[fields[0][1:]] = []
            continue
        assert len(fields) == 1 + len(columns[fields[0]]), line
        tables[fields[0]].append(
            [urllib.parse.unquote(f, errors="surrogateescape")
             for f in fields[1:]])
    return columns, tables


def as_text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "%.3f" % value if isinstance(value, float) else str(value)


# what two runs need not agree on
TIMES = {"survey", "side", "pass", "estimate", "outlook", "quota"}


def compare(tsv, document):
    columns, tables = tsv
    assert set(tables) == set(document) - {"mailproof", "report"}
    for name, rows in tables.items():
        assert len(rows) == len(document[name]), name
        for row, other in zip(rows, document[name]):
            assert list(other) == columns[name], name
            values = [as_text(v) for v in other.values()]
            assert name in TIMES or "\ufffd" in "".join(values) or \
                row == values, (name, row, values)


def main():
    tsv = document = None
    for path in sys.argv[1:]:
        with open(path, "rb") as f:
            data = f.read()
        try:
            if path.endswith(".html"):
                check_html(data)
            elif path.endswith(".json"):
                document = json.loads(data)
            else:
                tsv = tables_of_tsv(data)
        except Exception as e:
            sys.exit("%s: %s: %s" % (path, type(e).__name__, e))
    if tsv and document:
        compare(tsv, document)


if __name__ == "__main__":
    main()
