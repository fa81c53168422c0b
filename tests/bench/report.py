"""The report: medians, ratios inside one run, and what DESIGN.md wants."""
import glob
import os
import platform
import re
import statistics
import subprocess

import plot

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = ("mbackup", "mrestore", "maudit", "maudit header", "maudit count")
RAW = ("raw", "raw list", "raw MULTIAPPEND")
MEMORY = 128

# what is to be reached: the scenario, ours, the figure, the yardstick, the
# factor that the median of ours may not be above
PACKED, LISTED, SENT = "raw+zstd+b2sum", "raw headers", "raw MULTIAPPEND"
TARGETS = (
    ("dump-M-plain", "mbackup", "wall", PACKED, 1.2),
    ("dump-M-plain", "mbackup", "wall", "mbsync+pack", 0.6),
    ("dump-M-plain", "mbackup", "wall", "mbsync", 1.0),
    ("dump-M-plain", "mbackup", "size", "tar zstd-3", 1.0),
    ("dump-S-tls", "mbackup", "wall", PACKED, 1.2),
    ("dump-XL-plain", "mbackup", "wall", "mbsync", 0.7),
    ("new-M-plain", "mbackup", "wall", "mbsync", 1.0),
    ("dump-S-20", "mbackup", "wall", "raw", 1.5),
    ("restore-M-plain", "mrestore", "wall", SENT, 1.15),
    ("restore-S-tls", "mrestore", "wall", SENT, 1.15),
    ("restore-S-20", "mrestore", "wall", SENT, 1.3),
    ("audit-M-plain", "maudit header", "wall", LISTED, 1.5),
    ("audit-M-plain", "maudit", "wall", "raw", 1.3),
    ("audit-S-tls", "maudit header", "wall", LISTED, 1.5),
    ("audit-S-tls", "maudit", "wall", "raw", 1.3),
)


class Scenario:
    """The figures of one run: {client: {figure: [one of each round]}}"""

    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".tsv")]
        self.clients = {}
        with open(path, encoding="utf-8") as file:
            self.about = file.readline().lstrip("# ").strip()
            fields = file.readline().rstrip("\n").split("\t")[1:]
            for line in file:
                client, *values = line.rstrip("\n").split("\t")
                figures = self.clients.setdefault(client, {})
                for field, value in zip(fields, values):
                    figures.setdefault(field, []).append(float(value))

    def median(self, client, figure):
        values = self.clients.get(client, {}).get(figure)
        return statistics.median(values) if values else None

    def base(self):
        """the raw client that the others are held against"""
        for client in ("raw", "raw MULTIAPPEND", "raw list"):
            if client in self.clients:
                return client
        return None

    def rows(self):
        base = self.base()
        for client, figures in self.clients.items():
            walls = figures["wall"]
            wall = statistics.median(walls)
            yield {
                "client": client, "rounds": len(walls), "wall": wall,
                "min": min(walls), "max": max(walls),
                "ratio": wall / self.median(base, "wall") if base else None,
                "cpu": self.median(client, "cpu"),
                "server": self.median(client, "server"),
                "memory": max(figures["memory"]),
                "size": self.median(client, "size") / 1e6,
            }


def load(directory):
    found = {}
    for path in glob.glob(os.path.join(directory, "*.tsv")):
        scenario = Scenario(path)
        found[scenario.name] = scenario
    order = {key: i for i, key in enumerate(
        "dump new restore audit S M XL plain tls 20 100".split())}
    return dict(sorted(found.items(), key=lambda item: [
        order.get(part, 99) for part in item[0].split("-")]))


# the table of what is to be reached

def reached(scenarios):
    for name, ours, figure, base, most in TARGETS:
        scenario = scenarios.get(name)
        have = scenario and scenario.median(ours, figure)
        against = scenario and scenario.median(base, figure)
        ratio = have / against if have and against else None
        work = scenario and scenario.median(ours, "cpu")
        least = scenario and scenario.median(base, "cpu")
        cpu = work / least if work and least and figure == "wall" else None
        yield {"scenario": name, "client": ours, "figure": figure,
               "base": base, "ratio": ratio, "most": most,
               "have": have, "against": against, "cpu": cpu}
    for scenario in scenarios.values():
        for ours in OURS:
            if ours in scenario.clients:
                peak = max(scenario.clients[ours]["memory"])
                yield {"scenario": scenario.name, "client": ours,
                       "figure": "memory", "base": "", "ratio": peak,
                       "most": MEMORY, "have": peak, "against": None}


def shown(value, figure):
    if value is None:
        return "-"
    if figure == "size":
        return f"{value / 1e6:.1f} MB"
    return f"{value:.2f} s"


def targets_table(rows):
    yield ("| work | figure | ours | against | ratio | to reach | reached"
           " | CPU ratio |")
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        if row["figure"] == "memory":
            continue
        verdict = "not measured"
        if row["ratio"] is not None:
            verdict = "yes" if row["ratio"] <= row["most"] else "**no**"
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
        figure = row["figure"]
        yield (f"| {row['scenario']} | {row['client']}, {figure}"
               f" | {shown(row['have'], figure)} | {row['base']}"
               f" {shown(row['against'], figure)} | {ratio}"
               f" | {row['most']:.2f} | {verdict}"
               f" | {'' if row['cpu'] is None else format(row['cpu'], '.2f')}"
               " |")
    peaks = [row for row in rows if row["figure"] == "memory"]
    if peaks:
        worst = max(peaks, key=lambda row: row["ratio"])
        verdict = "yes" if worst["ratio"] <= MEMORY else "**no**"
        yield (f"| all of them | peak memory | {worst['ratio']:.0f} MB"
               f" ({worst['client']}, {worst['scenario']}) | |"
               f" | {MEMORY} MB | {verdict} | |")


def scenario_table(scenario):
    yield f"### {scenario.name}"
    yield ""
    yield scenario.about
    yield ""
    yield ("| client | wall s | least - most | x raw | CPU s | server CPU s"
           " | peak MB | output MB |")
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for row in scenario.rows():
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
        size = f"{row['size']:.1f}" if row["size"] else ""
        name = row["client"]
        if name in OURS:
            name = f"**{name}**"
        once = "" if row["rounds"] > 1 else " (one run)"
        yield (f"| {name}{once} | {row['wall']:.3f}"
               f" | {row['min']:.3f} - {row['max']:.3f} | {ratio}"
               f" | {row['cpu']:.2f} | {row['server']:.2f}"
               f" | {row['memory']:.0f} | {size} |")
    yield ""


def tsv(scenarios):
    fields = ("client", "rounds", "wall", "min", "max", "ratio", "cpu",
              "server", "memory", "size")
    yield "\t".join(("scenario",) + fields)
    for scenario in scenarios.values():
        for row in scenario.rows():
            yield "\t".join([scenario.name] + [
                f"{row[f]:.4f}" if isinstance(row[f], float) else
                str(row[f] if row[f] is not None else "-") for f in fields])


# the machine

def first_line(argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True,
                              check=False)
    except OSError:
        return None
    return (done.stdout + done.stderr).strip().partition("\n")[0] or None


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        cpu = re.search(r"^model name\s*: (.*)", file.read(), re.M)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (f"{cpu.group(1) if cpu else platform.machine()},"
            f" {os.cpu_count()} cores, {memory:.0f} GiB,"
            f" Linux {platform.release()}")


def versions():
    packages = ("dovecot-core isync offlineimap3 zstd libzstd1 libetpan20"
                " libsodium23 libarchive13 libssl3 minisign").split()
    for package in packages:
        line = first_line(["dpkg-query", "-W", "-f",
                           "${Package} ${Version}", package])
        if line and "no packages" not in line:
            yield line


INTRO = """\
# What the benchmark found

Written by `make bench`; see `tests/bench/bench --help`. Only figures of one
scenario, which were taken in turns in one run, may be compared. Medians; CPU
is user and system time of the client and its children, beside it that of the
server; memory is the largest peak of one process of the client, so that of a pipeline
is more. On a machine that others use the CPU says more than the wall. `raw` does the
least possible over one connection: every command is sent before the first
answer is read, and the bytes are dropped. The server is Dovecot with Maildir
and `mail_fsync=optimized`, on the same machine, its files in the page cache.
"""


def write(directory, publish):
    scenarios = load(directory)
    lines = [INTRO, f"- machine: {machine()}",
             f"- versions: {', '.join(versions())}", "",
             "## What DESIGN.md wants", ""]
    rows = list(reached(scenarios))
    lines += targets_table(rows)
    lines += ["", "![x raw, by scenario](RESULTS.svg)", "",
              "## Scenarios", ""]
    for scenario in scenarios.values():
        lines += scenario_table(scenario)
    out = HERE if publish else directory
    for name, text in (("RESULTS.md", "\n".join(lines).rstrip()),
                       ("RESULTS.tsv", "\n".join(tsv(scenarios))),
                       ("RESULTS.svg", plot.svg(scenarios, OURS))):
        with open(os.path.join(out, name), "w", encoding="utf-8") as file:
            file.write(text + "\n")
