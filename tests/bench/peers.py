"""Which clients take part in which work."""
import os

import peers_conf as conf
from clients import (Client, can, file_size, make_archive, make_wire, mbackup,
                     mbackup_base, maudit, mrestore, raw, raw_append,
                     raw_packed)

NOT_M = ("M", "XL", "100")  # where a slow one would take an hour


def holds_all(job, user):
    held = job.lab.count(user)
    if held != job.messages:
        raise RuntimeError(f"{held} messages of {job.messages} arrived")


def files_all(name):
    """a peer that stored less has not done the work"""
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
    Client("mbsync", ["mbsync"], conf.mbsync("no"), check=files_all("mbsync")),
    Client("mbsync fsync", ["mbsync"], conf.mbsync("yes"), skip=("XL",),
           check=files_all("mbsync")),
    Client("mbsync+pack", ["mbsync", "zstd", "minisign"], conf.mbsync_packed,
           check=files_all("mbsync"), size=file_size("mbsync.tar.zst")),
    Client("doveadm imapc", [], conf.doveadm_pull, runs=2, skip=("XL",),
           check=files_all("doveadm")),
    Client("offlineimap", ["offlineimap"], conf.offlineimap, runs=1,
           skip=NOT_M, check=files_all("offlineimap")),
    Client("tar zstd-3", ["zstd"], conf.tar_zstd(3), runs=3,
           skip=("20", "100", "tls"), size=file_size("tar3.zst")),
    Client("tar zstd-6", ["zstd"], conf.tar_zstd(6), runs=1,
           skip=("20", "100", "tls"), size=file_size("tar6.zst")),
]
NEW = [
    Client("raw list", [], raw("list")),
    Client("mbsync", ["mbsync"], conf.mbsync_again),
]
RESTORE = [
    Client("mrestore", [], mrestore, check=holds_all),
    Client("raw MULTIAPPEND", [], raw_append(100), check=holds_all),
    Client("raw APPEND", [], raw_append(1), check=holds_all, runs=2),
    Client("mbsync push", ["mbsync"], conf.mbsync_push, runs=2,
           before=conf.copied("push"), check=holds_all),
    Client("doveadm imapc", [], conf.doveadm_push, runs=1, skip=("M", "XL"),
           before=conf.copied("push"), check=holds_all),
    Client("doveadm import", [], conf.doveadm_import, runs=2,
           skip=("20", "100", "tls"), check=files_all("import")),
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
    if names & {"raw MULTIAPPEND", "raw APPEND"}:
        make_wire(job)
    if work == "new" and "mbsync" in names:
        conf.mbsync_first(job)
