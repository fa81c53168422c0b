"""Which clients take part in which work, and the peers' configuration."""
import os
import shutil
import subprocess

from clients import (Client, Job, Plain, can, environment, file_size,
                     make_archive, make_wire, mbackup, mbackup_base, maudit,
                     mrestore, raw, raw_append, raw_packed, shell)
from lab import PASSWORD


def holds_all(job, user):
    held = job.lab.count(user)
    if held != job.messages:
        raise RuntimeError(f"{held} messages of {job.messages}")


def files_all(name):
    def check(job, _):
        held = sum(len(files) for path, _, files in
                   os.walk(job.lab.work_path(name))
                   if os.path.basename(path) in ("cur", "new"))
        if held != job.messages:
            raise RuntimeError(f"{held} files for {job.messages} messages")
    return check


ARCHIVE = file_size("a.tar.zst")

DUMP = [
    Client("mbackup", [], mbackup, size=ARCHIVE),
    Client("raw", [], raw("fetch")),
    Client("raw+zstd+b2sum", ["zstd", "b2sum"], raw_packed,
           size=file_size("raw.zst")),
]
NEW = [
    Client("raw list", [], raw("list")),
]
RESTORE = [
    Client("mrestore", [], mrestore, check=holds_all),
    Client("raw MULTIAPPEND", [], raw_append(100), check=holds_all),
    Client("raw APPEND", [], raw_append(1), check=holds_all, runs=3),
]
AUDIT = [
    Client("maudit", [], maudit()),
    Client("raw", [], raw("fetch")),
    Client("raw headers", [], raw("headers")),
    Client("raw list", [], raw("list")),
]
WORKS = {"dump": DUMP, "new": NEW, "restore": RESTORE, "audit": AUDIT}

if can("mbackup", "--base"):
    NEW.insert(0, Client("mbackup", [], mbackup_base, size=ARCHIVE))
if can("maudit", "--level"):
    AUDIT[1:1] = [
        Client("maudit header", [], maudit("--level", "header")),
        Client("maudit count", [], maudit("--level", "count"))]


def prepare(work, job, rows):
    """what the clients of a scenario share"""
    names = {client.name for client in rows}
    if names & {"mrestore", "maudit", "maudit header", "maudit count"} or \
            (work == "new" and "mbackup" in names):
        make_archive(job)
    if any(name.startswith("raw ") and "APPEND" in name for name in names):
        make_wire(job)
