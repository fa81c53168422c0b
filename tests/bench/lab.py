"""The laboratory of a benchmark: a private Dovecot, mailboxes, lines that
delay, and commands measured."""
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(TOP, "build", "bench")
PASSWORD = "benchmark"
TARGETS = 16  # accounts to restore to
DEFAULT_COMPILE = "cc -O2 -g -std=c11 -D_GNU_SOURCE -iquote . -pthread -fPIE"
TOOLS = {"raw": ["-lssl", "-lcrypto"], "timed": [], "delay": []}
PARTS = {"raw": ["raw.c", "raw_wire.c"], "timed": ["timed.c"],
         "delay": ["delay.c"]}


def note(text):
    print(text, file=sys.stderr, flush=True)


def tool(name):
    return os.path.join(BUILD, "bin", name)


def build_tools():
    compile_command = shlex.split(
        os.environ.get("COMPILE") or DEFAULT_COMPILE)
    os.makedirs(os.path.join(BUILD, "bin"), exist_ok=True)
    for name, libraries in TOOLS.items():
        sources = [os.path.join(HERE, part) for part in PARTS[name]]
        newest = max(os.path.getmtime(path) for path in sources)
        if (os.path.exists(tool(name)) and
                os.path.getmtime(tool(name)) > newest):
            continue
        subprocess.run(compile_command + ["-pie", "-o", tool(name)] + sources +
                       libraries, check=True, cwd=TOP)


class Line:
    """How a client reaches the server."""

    def __init__(self, name, port, tls):
        self.name, self.port, self.tls = name, port, tls


class Result:
    FIELDS = ("wall", "cpu", "server", "memory", "size", "status")

    def __init__(self, **values):
        self.__dict__.update(values)


class Lab:
    def __init__(self, scale, storage):
        self.scale = scale
        self.dir = os.path.join(storage or BUILD, "mailproof-bench")
        self.cert = os.path.join(self.dir, "cert.pem")
        self.server = os.path.join(self.dir, "dovecot")
        self.proxies = {}
        self.users = 0

    def __enter__(self):
        if os.path.exists(os.path.join(self.server, "pid")):
            raise SystemExit(f"bench: {self.dir}: another run is at work,"
                             " or was killed: stop its Dovecot")
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        for name in ("home", "work"):
            os.makedirs(os.path.join(self.dir, name))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.make_keys()
        # all targets at once: Dovecot sees a change of its list of users
        # only when a second has passed
        users = os.path.join(self.dir, "users")
        with open(users, "w", encoding="utf-8") as file:
            for i in range(TARGETS):
                print(f"target{i}", PASSWORD, sep="\t", file=file)
        self.dovecot(
            f"dovecot_start {self.server} --users {users}"
            f" --tls {self.cert} {self.dir}/key.pem"
            # as Debian has them, unlike in the tests
            " --config 'mail_fsync = optimized'"
            " --config 'mailbox_list_index = yes'"
            " --config 'mail_max_userip_connections = 100'")
        self.port = int(self.text("dovecot/port"))
        self.port_tls = int(self.text("dovecot/port_tls"))
        self.master = int(self.text("dovecot/pid"))
        return self

    def __exit__(self, *_):
        for proxy, _ in self.proxies.values():
            proxy.kill()
            proxy.wait()
        self.dovecot(f"dovecot_stop {self.server}")
        shutil.rmtree(self.dir, ignore_errors=True)

    def text(self, name):
        with open(os.path.join(self.dir, name), encoding="utf-8") as file:
            return file.read()

    def dovecot(self, command):
        script = f". {TOP}/tests/lib/dovecot.bash; {command}"
        subprocess.run(["bash", "-c", script], check=True,
                       stdin=subprocess.DEVNULL)

    def make_keys(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "30", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", f"{self.dir}/key.pem", "-out", self.cert],
            check=True, stderr=subprocess.DEVNULL)
        # Dovecot takes its files for its own
        shutil.copy(self.cert, f"{self.dir}/ca.pem")
        if os.path.exists(os.path.join(TOP, "mbackup")):
            subprocess.run([f"{TOP}/mbackup", "-q", "-G",
                            "-p", f"{self.dir}/public.key",
                            "-s", f"{self.dir}/secret.key"],
                           check=True, stdin=subprocess.DEVNULL)
        if shutil.which("minisign"):
            subprocess.run(["minisign", "-G", "-W", "-f",
                            "-p", f"{self.dir}/minisign.pub",
                            "-s", f"{self.dir}/minisign.key"],
                           check=True, stdout=subprocess.DEVNULL)

    # mailboxes

    def tree(self, name):
        scale = "" if self.scale == 1 else f"-{self.scale:g}"
        return os.path.join(BUILD, "set", name + scale)

    def mailbox(self, name):
        """an account of that name which holds the set, indexed and cached"""
        tree = self.tree(name)
        if not os.path.exists(tree + ".done"):
            shutil.rmtree(tree, ignore_errors=True)
            os.makedirs(os.path.dirname(tree), exist_ok=True)
            subprocess.run([sys.executable, f"{HERE}/generate.py", "--scale",
                            str(self.scale), name, tree], check=True)
            with open(tree + ".done", "w", encoding="utf-8"):
                pass
        # in small letters, as Dovecot makes them
        user = name.lower()
        if not os.path.exists(os.path.join(self.server, "home", user)):
            self.dovecot(f"dovecot_user {self.server} {user} {PASSWORD}"
                         f" maildir:{tree}")
            self.await_user(user)
        for verb in ("list", "headers", "fetch"):
            subprocess.run(self.raw(self.line("plain"), user, verb),
                           check=True, stderr=subprocess.DEVNULL)
        return tree

    def await_user(self, user):
        """Dovecot looks at its list of users again once in a second"""
        for _ in range(100):
            done = subprocess.run(self.raw(self.line("plain"), user, "list"),
                                  check=False, stderr=subprocess.DEVNULL)
            if done.returncode == 0:
                return
            time.sleep(0.05)
        raise SystemExit(f"bench: {user} cannot log in")

    def new_user(self):
        """an account that holds nothing; they take turns"""
        self.users = (self.users + 1) % TARGETS
        name = f"target{self.users}"
        self.drop_user(name)
        self.dovecot(f"home={self.server}/home/{name};"
                     " mkdir -p $home && dovecot_own $home")
        return name

    def drop_user(self, name):
        shutil.rmtree(os.path.join(self.server, "home", name),
                      ignore_errors=True)

    def count(self, user):
        """what the server says that the account holds"""
        done = subprocess.run(
            self.raw(self.line("plain"), user, "list"), check=True,
            stderr=subprocess.PIPE)
        return int(done.stderr.split()[1])

    def work_path(self, name):
        return os.path.join(self.dir, "work", name)

    def work(self, name):
        """a fresh path for what a client writes"""
        path = os.path.join(self.dir, "work", name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        return path

    # lines

    def line(self, name):
        if name == "plain":
            return Line(name, self.port, False)
        if name == "tls":
            return Line(name, self.port_tls, True)
        if name not in self.proxies:
            proxy = subprocess.Popen([tool("delay"), name, str(self.port)],
                                     stdout=subprocess.PIPE)
            self.proxies[name] = proxy, int(proxy.stdout.readline())
        return Line(name, self.proxies[name][1], False)

    def raw(self, line, user, verb, *options):
        return ([tool("raw"), "-p", str(line.port), "-u", user, "-w", PASSWORD]
                + (["-t"] if line.tls else []) + list(options) + [verb])

    # measuring

    def server_cpu(self):
        """seconds that the server's processes used, those that ended too"""
        total = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8",
                          errors="replace") as file:
                    fields = file.read().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(pid) == self.master:
                total += sum(map(int, fields[11:15]))
            elif int(fields[1]) == self.master:
                total += sum(map(int, fields[11:15]))
        return total / os.sysconf("SC_CLK_TCK")

    def mail_processes(self):
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.master}/task/{self.master}/children",
                      encoding="utf-8") as file:
                for pid in file.read().split():
                    with contextlib.suppress(OSError), \
                            open(f"/proc/{pid}/comm", encoding="utf-8") as comm:
                        if comm.read().strip() == "imap":
                            return True
        return False

    def quiet(self):
        for _ in range(250):
            if not self.mail_processes():
                return
            time.sleep(0.02)

    def measure(self, argv, environment, statuses):
        """runs a command; its output goes to a file that a failure shows"""
        times = os.path.join(self.dir, "times")
        self.quiet()
        before = self.server_cpu()
        with open(os.path.join(self.dir, "output"), "w+b") as output:
            subprocess.run([tool("timed"), times] + argv,
                           stdin=subprocess.DEVNULL, stdout=output,
                           stderr=output, env=environment, check=False,
                           cwd=os.path.join(self.dir, "work"))
            output.seek(max(0, output.tell() - 2000))
            said = output.read().decode(errors="replace")
        self.quiet()
        wall, user, system, memory, status = self.text("times").split()
        if int(status) not in statuses:
            raise RuntimeError(f"{argv[0]}: status {status}: {said}")
        return Result(wall=float(wall), cpu=float(user) + float(system),
                      server=self.server_cpu() - before,
                      memory=int(memory) / 1024, status=int(status), size=0)
