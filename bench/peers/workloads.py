"""What is compared with what: each workload with its variants on both sides."""
import json
from dataclasses import dataclass, field
from typing import Callable

import runner as running


def last_json(text):
    return json.loads(text[text.rindex("\n{") + 1:] if "\n{" in text else text)


@dataclass
class Variant:
    side: str  # "Lathe" or "Python"
    name: str
    command: Callable
    threads: int
    dtype: str = "fp32"
    environment: dict | Callable = field(default_factory=dict)
    read: Callable = last_json
    rounds: int = 99


@dataclass
class Workload:
    name: str
    kind: str  # how its results are shown: "steps", "search", "start", "packing", "peak"
    variants: list
    note: str = ""


def peak(run, options):
    return [Workload("matrix products", "peak", [
        Variant("Python", "gemm_peak", lambda t=t: run.theirs("gemm_peak.py", "--threads", t), t)
        for t in options.thread_counts])]


def w1(run, options):
    warmup, steps = (2, 4) if options.quick else (20, 100)
    found = []
    for length in (64, 256):
        variants = []
        for t in options.thread_counts:
            variants.append(Variant("Lathe", "training step", lambda n=length, t=t: run.ours(
                "bench_w1_tiny", "--peers", run.peers, "--length", n, "--threads", t, "--steps", steps,
                "--warmup", warmup), t, environment=running.pinned(t)))
            for loop in ("labels", "lean") + (("compile",) if options.compiled else ()):
                variants.append(Variant("Python", loop, lambda n=length, t=t, loop=loop: run.theirs(
                    "w1_tiny.py", "--loop", loop, "--length", n, "--threads", t, "--malloc", "keep", "--repeats", 1,
                    "--steps", steps, "--warmup", warmup), t, rounds=1 if loop == "compile" else 99))
        found.append(Workload(f"W1, 8 × {length}", "steps", variants))
    return found


def w2(run, options):
    warmup, steps = (1, 3) if options.quick else (4, 24)
    most = max(options.thread_counts)
    found = []
    for targets in ("qv", "all"):
        for window in (0, 16):
            order = ["--targets", targets, "--sort-window", window]

            def ours(*more, o=tuple(order), name=f"w2_{targets}_{window}"):
                folder = run.write_inputs("w2", name, *o, "--steps", steps)
                model = json.loads((folder / "facts.json").read_text())["model"]
                return run.ours("bench_w2_encoder", "--model", model, "--inputs", folder, "--threads", most,
                                "--warmup", warmup, *more)

            def theirs(*more, o=tuple(order)):
                return run.theirs("w2_encoder.py", "--speed-only", "--seeds", 0, "--max-steps", steps, "--warmup", warmup,
                                  "--base-dropout", "0.0", "--malloc", "keep", "--threads", most, *o, *more)
            variants = [Variant("Lathe", "no padding", ours, most, environment=running.pinned(most)),
                        Variant("Lathe", "padded", lambda f=ours: f("--padded"), most, environment=running.pinned(most)),
                        Variant("Lathe", "no padding", lambda f=ours: f("--precision", "mixed"), most, "mixed",
                                running.pinned(most)),
                        Variant("Lathe", "padded", lambda f=ours: f("--padded", "--precision", "mixed"), most, "mixed",
                                running.pinned(most))]
            for precision in ("fp32", "autocast", "bf16", "fp32_as_bf16") if window else ("fp32", "autocast"):
                variants.append(Variant("Python", "padded", lambda f=theirs, p=precision: f("--precision", p), most,
                                        precision))
            if options.compiled and window:
                for precision in ("fp32", "autocast"):
                    variants.append(Variant("Python", "padded, compiled", lambda f=theirs, p=precision: f(
                        "--precision", p, "--compile"), most, precision, rounds=1))
            what = "query and value" if targets == "qv" else "all linears"
            found.append(Workload(f"W2, {what}, {'sorted by length' if window else 'as drawn'}", "steps", variants))
    return found


def w3(run, options):
    warmup, steps = (1, 2) if options.quick else (2, 8)
    most = max(options.thread_counts)
    variants = []
    for dtype, precision, shown in (("fp32", "float32", "fp32"), ("bf16", "bfloat16", "bf16 base"),
                                    ("bf16", "mixed", "mixed")):
        def ours(d=dtype, p=precision):
            folder = run.write_inputs("w3", f"w3_{d}", "--precision", d, "--steps", 18)
            return run.ours("bench_w3_135m", "--inputs", folder, "--precision", p, "--threads", most, "--warmup", warmup,
                            "--steps", steps)
        variants.append(Variant("Lathe", "training step", ours, most, shown, running.pinned(most)))
    for precision in ("fp32", "bf16", "autocast", "fp32_as_bf16"):
        def theirs(*more, p=precision):
            return run.theirs("w3_135m.py", "--precision", p, "--malloc", "keep", "--threads", most, "--warmup", warmup,
                              "--steps", steps, "--most-steps", steps, *more)
        variants.append(Variant("Python", "plain loop", theirs, most, precision))
        if options.compiled and precision != "fp32_as_bf16":
            variants.append(Variant("Python", "compiled", lambda f=theirs: f("--compile"), most, precision, rounds=1))
    return [Workload("W3, 4 × 128", "steps", variants)]


def own_folders(run):
    """Nothing that an earlier run has kept: tokens, projects."""
    folder = run.scratch / f"own_{len(run.rows)}"
    return {"XDG_CACHE_HOME": str(folder / "cache"), "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data")}


def recipe(run, steps, eval_every):
    """W4's training as flags of Lathe."""
    folder = run.write_inputs("w4", "w4", "--steps", 200)
    flags = {"model": json.loads((folder / "facts.json").read_text())["model"], "task": "text",
             "train-file": folder / "train.jsonl", "eval-file": folder / "heldout.jsonl", "max-length": 64,
             "batch-size": 8, "max-steps": steps, "schedule": "constant", "warmup-steps": 0, "weight-decay": 0.01,
             "max-grad-norm": 0, "eval-every": eval_every, "sample-every": 0, "checkpoint-every": 0, "method": "lora",
             "target-modules": "all-linear", "threads": 0}
    return [part for key, value in flags.items() for part in (f"--{key}", value)]


def last_result(run, text):
    """The last event of a study of Lathe's, and how far its evaluation of the untrained model is from the Python side's."""
    events = [json.loads(line) for line in text.splitlines()]
    trials = next(event for event in reversed(events) if event.get("event") == "result")["trials"]
    whole = [trial["last"]["eval_loss"] for trial in trials if trial["state"] == "complete"]
    theirs = json.loads((run.scratch / "w4" / "facts.json").read_text())["untrained_loss"]
    return {"trials": len(trials), "pruned": sum(trial["state"] == "pruned" for trial in trials),
            "train_steps": sum(trial["steps"] for trial in trials), "best_loss": min(whole),
            "untrained_difference": abs(trials[0]["first"]["eval_loss"] - theirs) / theirs, "trial_seconds": [trial["seconds"] for trial in trials]}


def w4(run, options):
    trials, steps = (4, 50) if options.quick else (16, 200)
    searched = ["--search", "learning_rate=1e-4..1e-2:log", "--search", "rank=2,4,8,16,32", "--search", "dropout=0..0.2",
                "--search", "alpha=4..64:log", "--sampler", "tpe", "--objective", "eval_loss", "--pack-trials", "auto"]
    halving = ["--pruner", "successive_halving", "--pruner-option", "min_steps=25", "--pruner-option", "reduction=2"]

    def ours(slots, *more, eval_every=0):
        project = run.scratch / f"project_{len(run.rows)}"
        return run.ours("lathe", "study", "--json", "--project", project, *recipe(run, steps, eval_every), *searched,
                        "--trials", trials, "--seed", 0, "--slots", slots, *more)

    def theirs(threads, *more):
        folder = run.write_inputs("w4", "w4", "--steps", 200)
        return run.theirs("w4_search.py", "--inputs", folder, "--trials", trials, "--steps", steps, "--threads", threads,
                          *more)
    most = max(options.thread_counts)
    found = []
    for name, own, other, every in (("W4, all to the end", [], [], 0), ("W4, halving", halving, ["--pruner", "halving"], 25)):
        variants = [Variant("Lathe", f"{slots} at a time",
                            lambda s=slots, p=precision, o=own, e=every: ours(s, "--precision", p, *o, eval_every=e), most, shown,
                            environment=lambda: own_folders(run), read=lambda text: last_result(run, text))
                    for slots in options.slots for precision, shown in (("float32", "fp32"), ("mixed", "mixed"))]
        variants += [Variant("Python", "one after the other", lambda o=other: theirs(1, *o), 1),
                     Variant("Python", f"{most} workers", lambda o=other: theirs(most, "--mode", "parallel", *o), most)]
        found.append(Workload(name, "search", variants))
    return found


def w5(run, options):
    def trained():
        return run.ours("lathe", "train", "--json", "--project", run.scratch / f"project_{len(run.rows)}",
                        *recipe(run, 1, 0), "--rank", 8, "--alpha", 16)
    once = ["--length", 64, "--threads", 1, "--steps", 1, "--warmup", 0]
    return [Workload("W5, start to the first step", "start", [
        Variant("Lathe", "W1's step alone", lambda: run.ours("bench_w1_tiny", "--peers", run.peers, *once), 1),
        Variant("Lathe", "lathe train, evaluation and files included", trained, max(options.thread_counts),
                environment=lambda: own_folders(run), read=lambda text: last_result(run, text)),
        Variant("Python", "W1's step alone", lambda: run.theirs("w1_tiny.py", "--repeats", 1, *once), 1)])]


def packing(run, options):
    few = ["--steps", 3, "--repeats", 2, "--warmup", 1] if options.quick else ["--repeats", 11]
    most = max(options.thread_counts)
    return [Workload("8 trials at the same time", "packing", [
        Variant("Lathe", "bench_packed_trials", lambda: run.ours("bench_packed_trials", "--threads", most, *few), most,
                read=json.loads)])]


ALL = {"peak": peak, "w1": w1, "w2": w2, "w3": w3, "w4": w4, "w5": w5, "packing": packing}
