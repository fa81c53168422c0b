"""The peers' commands and their configuration, each in a private directory."""
import os
import shlex
import subprocess
import time

from clients import environment, join, shell
from lab import PASSWORD


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


# isync

def mbsync_conf(job, user, local, fsync, direction):
    """a Maildir++ at LOCAL on this side, the account USER on the other"""
    lab = job.lab
    if job.line.tls:
        tls = f"SSLType IMAPS\nCertificateFile {lab.dir}/ca.pem"
        host = "localhost"
    else:
        tls, host = "SSLType None", "127.0.0.1"
    state = lab.work("mbsync-state")
    os.makedirs(state)
    return write(os.path.join(lab.dir, "work", "mbsyncrc"), f"""\
FSync {fsync}

IMAPAccount far
Host {host}
Port {job.line.port}
User {user}
Pass {PASSWORD}
AuthMechs LOGIN
{tls}

IMAPStore far
Account far

MaildirStore near
Inbox {local}
SubFolders Maildir++

Channel all
Far :far:
Near :near:
Patterns *
Sync {direction}
Create Both
CopyArrivalDate yes
SyncState {state}/
""")


def mbsync_pull(job, fsync):
    conf = mbsync_conf(job, job.user, job.lab.work("mbsync"), fsync, "Pull")
    return ["mbsync", "-q", "-c", conf, "all"]


def mbsync(fsync):
    return lambda job, _: mbsync_pull(job, fsync)


def mbsync_packed(job, _):
    """what a careful user does for a signed archive"""
    lab = job.lab
    tree, out = lab.work_path("mbsync"), lab.work("mbsync.tar.zst")
    lab.work("mbsync.tar.zst.minisig")
    return shell(f"{join(mbsync_pull(job, 'no'))};"
                 f" tar -C {tree} -cf - . | zstd -q -T2 -3 >{out};"
                 f" minisign -S -s {lab.dir}/minisign.key -m {out} >/dev/null")


def mbsync_first(job):
    """the run whose successor finds nothing new"""
    subprocess.run(mbsync_pull(job, "no"), check=True, env=environment(job))
    # it waits for a second to pass after a change of a Maildir
    time.sleep(2)


def mbsync_again(job, _):
    return ["mbsync", "-q", "-c", job.lab.work_path("mbsyncrc"), "all"]


def copy_tree(job, name):
    """a copy by links, since a peer renames the files; without the server's
    index, which is none of a Maildir's"""
    tree = job.lab.work(name)
    subprocess.run(["cp", "-a", job.tree, tree], check=True)
    for path, _, files in os.walk(tree):
        for file in files:
            if file.startswith("dovecot"):
                os.unlink(os.path.join(path, file))
    return tree


def mbsync_push(job, user):
    conf = mbsync_conf(job, user, job.lab.work_path("push"), "no", "Push")
    return ["mbsync", "-q", "-c", conf, "all"]


def copied(name):
    return lambda job, _: copy_tree(job, name)


# offlineimap

def offlineimap_conf(job, user, local):
    lab = job.lab
    host = "localhost" if job.line.tls else "127.0.0.1"
    tls = f"yes\nsslcacertfile = {lab.dir}/ca.pem" if job.line.tls else "no"
    return write(os.path.join(lab.dir, "work", "offlineimaprc"), f"""\
[general]
accounts = bench
metadata = {lab.work("offlineimap-state")}
fsync = false
[Account bench]
localrepository = near
remoterepository = far
[Repository near]
type = Maildir
localfolders = {local}
sep = .
[Repository far]
type = IMAP
remotehost = {host}
remoteport = {job.line.port}
remoteuser = {user}
remotepass = {PASSWORD}
ssl = {tls}
starttls = no
auth_mechanisms = LOGIN
""")


def offlineimap(job, _):
    conf = offlineimap_conf(job, job.user, job.lab.work("offlineimap"))
    return ["offlineimap", "-c", conf, "-o", "-u", "quiet"]


# doveadm, as the user that the server runs as

def as_server(job, *argv):
    uid = os.stat(job.tree).st_uid
    if os.getuid() == uid:
        return list(argv)
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups",
            "env", "USER=bench", *argv]


def doveadm(job, local, user, *command):
    tree = job.lab.work_path(local)
    os.makedirs(tree, exist_ok=True)
    os.chown(tree, os.stat(job.tree).st_uid, -1)
    options = [f"mail_location=maildir:{tree}", "imapc_host=127.0.0.1",
               f"imapc_port={job.line.port}", f"imapc_user={user}",
               f"imapc_password={PASSWORD}", "imapc_features=rfc822.size"
               " fetch-headers fetch-bodystructure",
               "mail_fsync=optimized"]
    if job.line.tls:
        options += ["imapc_ssl=imaps", "imapc_ssl_verify=no"]
    argv = ["doveadm", "-c", f"{job.lab.server}/dovecot.conf"]
    for option in options:
        argv += ["-o", option]
    return as_server(job, *argv, *command)


def doveadm_pull(job, _):
    job.lab.work("doveadm")
    return doveadm(job, "doveadm", job.user, "backup", "-R", "imapc:")


def doveadm_push(job, user):
    return doveadm(job, "push", user, "sync", "-1", "imapc:")


def doveadm_import(job, _):
    job.lab.work("import")
    return doveadm(job, "import", job.user, "import",
                   f"maildir:{job.tree}", "", "ALL")


# no mail program at all

def tar_zstd(level):
    def command(job, _):
        out = job.lab.work(f"tar{level}.zst")
        return shell(f"tar -C {shlex.quote(job.tree)} --exclude='dovecot*'"
                     f" -cf - . | zstd -q -T2 -{level} >{out}")
    return command
