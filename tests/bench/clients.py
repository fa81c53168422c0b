"""The clients that are measured: ours, the raw one, and the peers, each as
the command that does one job. A client that is not installed is skipped."""
import os
import shlex
import shutil
import subprocess

from lab import BUILD, PASSWORD, TOP

BIN = os.environ.get("MAILPROOF_BIN", TOP)
# 3 is a refused message, which a peer's target may cause as well
DONE = (0,)


class Job:
    """What a client is to do: the set, the line, and where things lie."""

    def __init__(self, lab, name, line):
        self.lab, self.set, self.line = lab, name, line
        self.tree = lab.mailbox(name)
        self.user = name.lower()
        self.messages = lab.count(self.user)
        self.archive = os.path.join(BUILD, "archive.tar.zst")
        self.wire = os.path.join(BUILD, "wire")

    def location(self, user):
        if self.line.tls:
            return f"imaps://{user}@localhost:{self.line.port}"
        return f"imap+plain://{user}@127.0.0.1:{self.line.port}"


class Client:
    """name, the program it needs, how often it may run (slow ones once), and
    the sets and lines that it is not given."""

    def __init__(self, name, needs, command, runs=99, skip=(), check=None,
                 before=None, size=None, statuses=DONE):
        self.name, self.needs, self.command = name, needs, command
        self.runs, self.skip, self.check = runs, skip, check
        self.before, self.size, self.statuses = before, size, statuses

    def missing(self):
        return [n for n in self.needs if not shutil.which(n)]

    def skips(self, job):
        return job.set in self.skip or job.line.name in self.skip


def shell(script):
    return ["bash", "-c", "set -euo pipefail; " + script]


def join(argv):
    return " ".join(map(shlex.quote, argv))


def can(program, option):
    """whether a program of ours has the option by now"""
    done = subprocess.run([os.path.join(BIN, program), "--help"],
                          capture_output=True, text=True, check=False)
    return option in done.stdout + done.stderr


def file_size(path):
    return lambda job: os.path.getsize(job.lab.work_path(path))


# ours

def ours(job, program, *arguments):
    argv = [os.path.join(BIN, program), "-q", "--secret",
            "env:BENCH_PASSWORD", *EXTRA.get(program, ())]
    if program == "mbackup":
        argv += ["-s", f"{job.lab.dir}/secret.key"]
    else:
        argv += ["-p", f"{job.lab.dir}/public.key"]
    if job.line.tls:
        argv += ["--ca", f"{job.lab.dir}/ca.pem"]
    return argv + list(arguments)


# options that a user of the benchmark adds: {program: [option, ...]}
EXTRA = {}


def mbackup(job, _):
    job.lab.work("a.tar.zst.minisig")
    return ours(job, "mbackup", "-o", job.lab.work("a.tar.zst"),
                job.location(job.user))


def mbackup_base(job, _):
    job.lab.work("a.tar.zst.minisig")
    return ours(job, "mbackup", "--base", job.archive, "-o",
                job.lab.work("a.tar.zst"), job.location(job.user))


def mrestore(job, user):
    return ours(job, "mrestore", job.archive, job.location(user))


def maudit(*options):
    return lambda job, _: ours(job, "maudit", *options, job.archive,
                               job.location(job.user))


def make_archive(job):
    """once for a job, by the mbackup of today"""
    for path in (job.archive, job.archive + ".minisig"):
        if os.path.exists(path):
            os.unlink(path)
    plain = Plain(job)
    subprocess.run(ours(plain, "mbackup", "-o", job.archive,
                        plain.location(job.user)), check=True,
                   env=environment(job))


class Plain(Job):
    """the same job without the line's delay"""

    # pylint: disable-next=super-init-not-called
    def __init__(self, job):
        self.__dict__.update(job.__dict__)
        self.line = job.lab.line("plain")


def environment(job):
    home = os.path.join(job.lab.dir, "home")
    return dict(PATH=os.environ["PATH"] + ":/usr/sbin", HOME=home,
                LC_ALL="C.UTF-8", BENCH_PASSWORD=PASSWORD,
                XDG_STATE_HOME=job.lab.work("state"), TMPDIR="/var/tmp")


# the raw client

def raw(verb, *options):
    return lambda job, _: job.lab.raw(job.line, job.user, verb, *options)


def raw_packed(job, _):
    fifo, out = job.lab.work("fifo"), job.lab.work("raw.zst")
    fetch = join(job.lab.raw(job.line, job.user, "fetch", "-o", "-2"))
    return shell(f"mkfifo {fifo}; b2sum <{fifo} & {fetch} 3>{fifo} |"
                 f" zstd -q -T2 -3 >{out}; wait")


def make_wire(job):
    with open(job.wire, "wb") as file:
        subprocess.run(job.lab.raw(job.lab.line("plain"), job.user, "fetch",
                                   "-k"), stdout=file, check=True)


def raw_append(batch):
    return lambda job, user: job.lab.raw(
        job.line, user, "append", "-b", str(batch)) + [job.wire]
