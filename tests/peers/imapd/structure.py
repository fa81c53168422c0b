"""BODYSTRUCTURE: all messages are text/plain, unless quirks say otherwise."""

DEEP = b'("text" "plain" NIL NIL NIL "7bit" 1 1)'


def value(fetch, message):
    quirks = fetch.quirks
    if quirks.fires("structure-cut", message.uid):
        fetch.wire.close()
    if quirks.fires("structure-deep"):
        depth = quirks.number("structure-deep")
        return [b"BODYSTRUCTURE " + b"(" * depth + DEEP +
                b' "mixed")' * depth]
    if quirks.fires("structure-long", message.uid):
        return [b"BODYSTRUCTURE (" + DEEP * 100000 + b' "mixed")']
    if quirks.has("structure"):
        return [b"BODYSTRUCTURE " + quirks.text("structure").encode()]
    text = message.body.partition(b"\r\n\r\n")[2]
    return [b'BODYSTRUCTURE ("text" "plain" NIL NIL NIL "8bit" %d %d)' %
            (len(text), text.count(b"\n"))]
