"""Runs programs of both sides, one at a time, and keeps what they print."""
import atexit
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import machine

# What the Python side sets for itself with --malloc keep; the measuring programs of ours get the same. glibc keeps freed
# memory instead of giving it back each step.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "8589934592", "MALLOC_TRIM_THRESHOLD_": "8589934592",
               "MALLOC_TOP_PAD_": "268435456"}


def pinned(threads):
    """OpenMP's threads stay on their cores, as on the Python side."""
    return {**KEEP_MEMORY, "OMP_PLACES": "cores", "OMP_NUM_THREADS": str(threads),
            "OMP_PROC_BIND": "true" if threads > 1 else "false"}


class Runner:
    def __init__(self, options):
        self.peers, self.python, self.build = options.peers, options.python, options.build
        self.wait_quiet, self.results = options.wait_quiet, options.results
        self.scratch = Path(tempfile.mkdtemp(prefix="compare_all_"))
        atexit.register(shutil.rmtree, self.scratch, ignore_errors=True)
        self.rows = []

    def ours(self, program, *arguments):
        path = self.build / "bin" / program
        if not path.is_file():
            raise SystemExit(f"{path} is missing; build the target {program}")
        return [str(path), *map(str, arguments)]

    def theirs(self, script, *arguments):
        return [str(self.python), str(self.peers / script), *map(str, arguments)]

    def write_inputs(self, workload, name, *arguments):
        """A folder of what both sides start from, written once."""
        folder = self.scratch / name
        if not (folder / "facts.json").exists():
            script = Path(__file__).resolve().parent / "write_inputs"
            self.call([str(self.python), str(script), workload, str(self.peers), str(folder), *map(str, arguments)], {})
        return folder

    def call(self, command, environment):
        """Returns (standard output, facts of the whole process)."""
        busy, begin = machine.busy_seconds(), time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as problems:
            process = subprocess.Popen(command, stdout=out, stderr=problems, env={**os.environ, **environment})
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            wall = time.monotonic() - begin
            out.seek(0)
            problems.seek(0)
            text, complaint = out.read().decode(), problems.read().decode()
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{text[-500:]}{complaint[-1500:]}")
        own = usage.ru_utime + usage.ru_stime
        return text, {"wall_s": round(wall, 3), "process_peak_mb": round(usage.ru_maxrss * 1024 / 1e6, 1),
                      "others": max(0.0, round((machine.busy_seconds() - busy - own) / wall, 2))}

    def measure(self, workload, variant, number):
        """Runs a variant once and appends what came of it to the results."""
        machine.wait_quiet(self.wait_quiet)
        row = {"workload": workload, "side": variant.side, "variant": variant.name, "dtype": variant.dtype,
               "threads": variant.threads, "round": number}
        try:
            environment = variant.environment() if callable(variant.environment) else variant.environment
            text, facts = self.call(variant.command(), environment)
            row |= facts | {"result": variant.read(text)}
        except RuntimeError as problem:
            row["failed"] = str(problem)
        self.rows.append(row)
        if self.results:
            with open(self.results, "a") as file:
                file.write(json.dumps(row) + "\n")
        return row
