"""A mail server that does with mail what its recipient's address says.

  python3 tests/peers/relay.py --dir DIR --lmtp SOCKET [--no-8bitmime]

It takes SMTP on a free port of 127.0.0.1, until SIGTERM, and gives what it
took to the LMTP server at SOCKET. Who logs in needs the password that stands
in the file of --password. In DIR it writes:

  port   the port, when it takes connections
  log    the dialogue: C: and S: lines of all connections, but for passwords

USER+WORD@DOMAIN is USER's, and WORD, of which several may stand there, is

  grey     451 to the first RCPT, the second is accepted
  wait     451 to every RCPT
  nobody   550 to RCPT
  spam     554 to the message
  lost     accepted, and never seen again
  bounce   accepted, and reported to the sender as 5.1.1
  plain    likewise, by a report that is none of RFC 3464
  delay    accepted and delivered, and reported as 4.4.1, delayed
  quoted   goes on as quoted-printable
  footer   goes on with a text behind it
  tagged   goes on with another Subject and Message-ID
  nofield  goes on without X- fields
  verdict  goes on with Authentication-Results and Received-SPF
  twice    is delivered twice
  copied   a copy goes into the sender's folder Sent
  junk     goes into the folder Junk, as +Junk of the LMTP server
  sorted   into the folder Sorted likewise
"""

import argparse
import base64
import email.utils
import os
import quopri
import signal
import socket
import socketserver
import threading


def lmtp(path, sender, recipient, message):
    """Delivers; what the server says to it is an error or not of interest."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(path)
        file = line.makefile("rwb")

        def ask(command):
            if command:
                file.write(command + b"\r\n")
                file.flush()
            while True:
                answer = file.readline()
                if not answer or answer[3:4] != b"-":
                    break
            if answer[:1] not in (b"2", b"3"):
                raise OSError(answer)

        ask(b"")
        ask(b"LHLO relay.example")
        ask(b"MAIL FROM:<%s>" % sender.encode())
        ask(b"RCPT TO:<%s>" % recipient.encode())
        ask(b"DATA")
        message = message.replace(b"\r\n.", b"\r\n..")
        ask(message + (b"." if message.endswith(b"\r\n") else b"\r\n."))
        ask(b"QUIT")


def report(action, code, sender, recipient, message):
    head, _, _ = message.partition(b"\r\n\r\n")
    return (
        "From: Mail Delivery System <MAILER-DAEMON@relay.example>\r\n"
        "To: <%s>\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status;\r\n"
        "\tboundary=\"r/1\"\r\n\r\n--r/1\r\n\r\nSorry.\r\n\r\n--r/1\r\n"
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; relay.example\r\n\r\n"
        "Final-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: %s\r\n"
        "Diagnostic-Code: smtp; 550 %s no such user\r\n\r\n--r/1\r\n"
        "Content-Type: text/rfc822-headers\r\n\r\n"
        % (sender, recipient, action, code, code)
    ).encode() + head + b"\r\n\r\n--r/1--\r\n"


def alter(words, message):
    head, empty, text = message.partition(b"\r\n\r\n")
    if "quoted" in words:
        head = head.replace(b"Encoding: 8bit", b"Encoding: quoted-printable")
        text = b"\r\n".join(quopri.encodestring(line)
                            for line in text.split(b"\r\n"))
    if "footer" in words:
        text += b"-- \r\nsent by a large company\r\n"
    if "tagged" in words:
        head = head.replace(b"Subject: ", b"Subject: [EXTERNAL] ")
        head = head.replace(b"Message-ID: <", b"Message-ID: <new.")
    if "nofield" in words:
        head = b"\r\n".join(line for line in head.split(b"\r\n")
                            if not line.startswith(b"X-"))
    if "verdict" in words:
        head = (b"Authentication-Results: relay.example; spf=pass\r\n"
                b"\tsmtp.mailfrom=old.example; dkim=fail (bad signature)\r\n"
                b"\theader.d=old.example; dmarc=none\r\n"
                b"Received-SPF: softfail receiver=\x1b[31mred\r\n" + head)
    return head + empty + text


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.server.log("S: " + line)
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 relay.example ESMTP")
        self.sender = self.recipient = None
        while True:
            line = self.rfile.readline(4096)
            if not line:
                return
            text = line.decode("latin-1").rstrip("\r\n")
            self.server.log("C: " + text.split("PLAIN ")[0])
            verb = text.split(" ")[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            getattr(self, "on_" + verb.lower(), self.unknown)(text)

    def unknown(self, _):
        self.say("502 5.5.1 unknown")

    def on_ehlo(self, _):
        offers = ["8BITMIME"] * self.server.eight
        offers += ["AUTH PLAIN"] * bool(self.server.password)
        for line in ["relay.example"] + offers:
            self.say("250-" + line)
        self.say("250 ENHANCEDSTATUSCODES")

    def on_auth(self, text):
        secret = base64.b64decode(text.split(" ")[2]).split(b"\0")[2]
        good = secret == self.server.password
        self.say("235 2.7.0 in" if good else "535 5.7.8 who are you?")

    def on_rset(self, _):
        self.say("250 2.0.0 forgotten")

    def on_mail(self, text):
        self.sender = text.split("<")[1].split(">")[0]
        self.say("250 2.1.0 sender")

    def on_rcpt(self, text):
        self.recipient = text.split("<")[1].split(">")[0]
        words = self.words()
        if "nobody" in words:
            self.say("550 5.1.1 <%s>: no such user" % self.recipient)
        elif "wait" in words:
            self.say("451 4.7.1 greylisted for ever")
        elif "grey" in words and self.server.is_new(self.recipient):
            self.say("451 4.7.1 greylisted, come back")
        else:
            self.say("250 2.1.5 recipient")

    def words(self):
        return self.recipient.split("@")[0].split("+")[1:]

    def on_data(self, _):
        self.say("354 go on")
        message = b""
        while True:
            line = self.rfile.readline(4096)
            if not line:
                return
            if line == b".\r\n":
                break
            message += line[1:] if line.startswith(b".") else line
        if "spam" in self.words():
            self.say("554 5.7.1 is spam")
        else:
            self.pass_on(message)
            self.say("250 2.0.0 queued as 1234")

    def pass_on(self, message):
        words, path = self.words(), self.server.lmtp
        user, domain = self.recipient.split("+")[0], "example"
        user = user.split("@")[0]
        folder = {"junk": "+Junk", "sorted": "+Sorted"}
        to = user + "".join(folder.get(word, "") for word in words)
        stamp = email.utils.formatdate()
        message = ("Received: from client.example (localhost [127.0.0.1])\r\n"
                   "\tby relay.example with ESMTPS (version=TLS1_3) id 1;\r\n"
                   "\t%s\r\n" % stamp).encode() + message
        for word, action, code in (("bounce", "failed", "5.1.1"),
                                   ("delay", "delayed", "4.4.1")):
            if word in words:
                lmtp(path, "", self.sender, report(
                    action, code, self.sender, self.recipient, message))
        if "copied" in words:
            lmtp(path, self.sender, self.sender.replace("@", "+Sent@"),
                 message)
        if "plain" in words:
            lmtp(path, "", self.sender,
                 b"From: MAILER-DAEMON@relay.example\r\n\r\n"
                 b"Sorry, no mailbox here. (#5.1.1)\r\n\r\n" + message)
        if not set(words) & {"lost", "bounce", "plain"}:
            for _ in range(2 if "twice" in words else 1):
                lmtp(path, self.sender, "%s@%s" % (to, domain),
                     alter(words, message))


class Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, args):
        super().__init__(("127.0.0.1", 0), Session)
        self.lmtp, self.eight = args.lmtp, not args.no_8bitmime
        self.password = b""
        if args.password:
            with open(args.password, "rb") as file:
                self.password = file.read()
        self.lock, self.seen = threading.Lock(), set()
        self.file = open(os.path.join(args.dir, "log"), "a",
                         encoding="latin-1", errors="replace")

    def log(self, line):
        with self.lock:
            self.file.write(line + "\n")
            self.file.flush()

    def is_new(self, recipient):
        with self.lock:
            new = recipient not in self.seen
            self.seen.add(recipient)
        return new


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--lmtp", required=True)
    parser.add_argument("--password", metavar="FILE")
    parser.add_argument("--no-8bitmime", action="store_true")
    args = parser.parse_args()
    os.makedirs(args.dir, exist_ok=True)
    relay = Relay(args)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    port = os.path.join(args.dir, "port")
    with open(port + ".new", "w", encoding="ascii") as file:
        file.write("%d\n" % relay.server_address[1])
    os.rename(port + ".new", port)
    relay.serve_forever()


if __name__ == "__main__":
    main()
