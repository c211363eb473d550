"""What a comparison runs on, and whether anything else uses the processor meanwhile."""
import os
import platform
import time
from pathlib import Path

SHOWN = ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16"]


def busy_seconds():
    """Processor seconds that all cores have spent on something since the start of the machine."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _wait, irq, soft, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def wait_quiet(limit, allowed=0.1):
    """Waits up to `limit` seconds for one in which all programs together use less than `allowed` cores."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        before, begin = busy_seconds(), time.monotonic()
        time.sleep(1.0)
        if (busy_seconds() - before) / (time.monotonic() - begin) < allowed:
            return


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def instruction_sets():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            flags = set(line.split(":", 1)[1].split())
            return [name for name in SHOWN if name in flags]
    return []


def cores():
    return len(os.sched_getaffinity(0))


def memory_gb():
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9


def facts():
    return {"processor": processor(), "instruction_sets": instruction_sets(), "cores": cores(),
            "memory_gb": round(memory_gb(), 1), "system": f"{platform.system()} {platform.release()}"}
