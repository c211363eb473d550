"""Results as Markdown tables. Of each variant the fastest round counts; a ratio is over the fastest variant of the
Python side in the same table."""
import math

PEAK_OF = {"fp32": "fp32", "bf16 base": "bf16", "mixed": "bf16", "bf16": "bf16", "autocast": "bf16", "fp32_as_bf16": "fp32_as_bf16"}


def speed(row):
    """(milliseconds a step, real tokens a second) of a row of steps."""
    result = row["result"]
    if row["workload"].startswith("W2"):
        run = result["runs"][0] if "runs" in result else result
        return run["ms_per_step_mean"], run["useful_tokens_per_s"]
    milliseconds = result["ms_per_step_median_all"]
    batch = result.get("batch", [4, 128])
    return milliseconds, 1e3 * batch[0] * batch[1] / milliseconds


def fastest(rows, key):
    """The best row of each variant, in the order in which the variants first ran."""
    best = {}
    for row in rows:
        name = row["side"], row["variant"], row["dtype"], row["threads"]
        if "failed" not in row and (name not in best or key(row) < key(best[name])):
            best[name] = row
    return list(best.values())


def flop_per_token(rows):
    for row in rows:
        result = row["result"]
        if "useful_flop_per_token" in result:
            return result["useful_flop_per_token"]
        if "gflop_per_step" in result and row["side"] == "Lathe":
            batch = result.get("batch", [4, 128])
            return 1e9 * result["gflop_per_step"] / (batch[0] * batch[1])
    return math.nan


def peaks(rows):
    """GFLOP/s of matrix products, by kind of numbers and threads."""
    best = {}
    for row in rows:
        if "result" in row and "peak_gflops" in row["result"]:
            for kind, value in row["result"]["peak_gflops"].items():
                best[kind, row["threads"]] = max(best.get((kind, row["threads"]), 0), value)
    return best


def losses_of(row):
    return row["result"].get("losses", [])


def difference(row, rows):
    """Largest relative difference of a row's losses to those of the Python side, over all steps; None: not compared."""
    if row["side"] != "Lathe":
        return None
    told = row["result"].get("max_relative_difference")
    if told is not None:
        return told["float32"] if isinstance(told, dict) else told
    dtype = {"bf16 base": "bf16", "mixed": "autocast"}.get(row["dtype"], row["dtype"])
    for other in rows:
        if other["side"] == "Python" and other["dtype"] == dtype and losses_of(other):
            pairs = list(zip(losses_of(row), losses_of(other)))
            return max(abs(a - b) / abs(b) for a, b in pairs)
    return None


def steps_table(rows, peak):
    best = fastest(rows, lambda row: -speed(row)[1])
    theirs = max((speed(row)[1] for row in best if row["side"] == "Python"), default=math.nan)
    each = flop_per_token(best)
    lines = ["| side | variant | numbers | threads | ms a step | tokens/s | × Python's best | GFLOP/s | of the product peak "
             "| peak MB | losses differ by |", "|---|---|---|---|---|---|---|---|---|---|---|"]
    for row in sorted(best, key=lambda row: -speed(row)[1]):
        milliseconds, tokens = speed(row)
        rate = each * tokens / 1e9
        limit = row["result"].get("product_gflop_per_s") or peak.get((PEAK_OF[row["dtype"]], row["threads"]))
        far = difference(row, best)
        lines.append(f"| {row['side']} | {row['variant']} | {row['dtype']} | {row['threads']} | {milliseconds:.2f} "
                     f"| {tokens:,.0f} | {tokens / theirs:.2f} | {rate:.1f} | {f'{rate / limit:.0%}' if limit else '–'} "
                     f"| {row['process_peak_mb']:,.0f} | {f'{far:.1e}' if far is not None else ''} |")
    return lines


def search_seconds(row):
    """Of ours the whole process; of the Python side, in its favour, what its own clock says, without its imports."""
    return row["result"].get("makespan_s", row["wall_s"])


def search_table(rows):
    best = fastest(rows, search_seconds)
    theirs = min((search_seconds(row) for row in best if row["side"] == "Python"), default=math.nan)
    lines = ["| side | variant | numbers | makespan, s | whole process, s | Python's best over it | steps trained | pruned "
             "| best loss | peak MB |", "|---|---|---|---|---|---|---|---|---|---|"]
    for row in sorted(best, key=search_seconds):
        result, took = row["result"], search_seconds(row)
        lines.append(f"| {row['side']} | {row['variant']} | {row['dtype']} | {took:.1f} | {row['wall_s']:.1f} | {theirs / took:.2f} "
                     f"| {result['train_steps']} | {result['pruned']} | {result['best_loss']:.4f} "
                     f"| {row['process_peak_mb']:,.0f} |")
    far = {}
    for row in best:
        if "untrained_difference" in row["result"]:
            far[row["dtype"]] = max(far.get(row["dtype"], 0), row["result"]["untrained_difference"])
    if far:
        told = " and ".join(f"{value:.1e} in {dtype}" for dtype, value in sorted(far.items()))
        lines += ["", f"The untrained model's loss on the held-out blocks differs from the Python side's by {told} (relative)."]
    return lines


def start_table(rows):
    best = fastest(rows, lambda row: row["wall_s"])
    theirs = min((row["wall_s"] for row in best if row["side"] == "Python"), default=math.nan)
    lines = ["| side | what | s | × Python's | peak MB |", "|---|---|---|---|---|"]
    lines += [f"| {row['side']} | {row['variant']} | {row['wall_s']:.2f} | {theirs / row['wall_s']:.1f} "
              f"| {row['process_peak_mb']:,.0f} |" for row in best]
    return lines


def packing_table(rows):
    lines = ["| tokens of a trial's step | way | ms a round, median | least | × one after the other |", "|---|---|---|---|---|"]
    ways = ["one_after_the_other", "a_thread_each", "packed", "automatic"]
    for row in fastest(rows, lambda row: row["wall_s"]):
        for size in row["result"]["sizes"]:
            for way in ways:
                took = size["ms_per_round"][way]
                lines.append(f"| {size['tokens_per_trial_step']} | {way.replace('_', ' ')} | {took['median']:.2f} "
                             f"| {took['min']:.2f} | {size['times_sequential'][way]:.2f} |")
    return lines


def peak_table(rows, peak):
    kinds = sorted({kind for kind, _ in peak})
    lines = ["| threads | " + " | ".join(kinds) + " |", "|---|" + "---|" * len(kinds)]
    for threads in sorted({threads for _, threads in peak}):
        lines.append(f"| {threads} | " + " | ".join(f"{peak.get((kind, threads), 0):.0f}" for kind in kinds) + " |")
    return lines


def described(row, value):
    threads = f"{row['threads']} thread" + ("s" if row["threads"] > 1 else "")
    return f"{value} ({row['variant']}, {row['dtype']}, {threads})"


def best_of_sides(rows, cost):
    """The cheapest row of each side; None where one has none."""
    sides = [min((row for row in rows if row["side"] == side), key=cost, default=None) for side in ("Lathe", "Python")]
    return None if None in sides else sides


def ratios(rows, kinds):
    """One line a workload: the best of each side, and in float32 alone where that is another."""
    lines = ["| workload | Lathe's best | Python's best | Lathe is faster by |", "|---|---|---|---|"]
    for name in dict.fromkeys(row["workload"] for row in rows if kinds[row["workload"]] in ("steps", "search", "start")):
        own, kind = [row for row in rows if row["workload"] == name and "failed" not in row], kinds[name]
        cost = {"steps": lambda row: 1 / speed(row)[1], "search": search_seconds, "start": lambda row: row["wall_s"]}[kind]
        text = (lambda row: f"{speed(row)[1]:,.0f} tokens/s") if kind == "steps" else (lambda row: f"{cost(row):.1f} s")
        told = None
        for label, chosen in ((", fp32", [row for row in own if row["dtype"] == "fp32"]), ("", own)):
            sides = best_of_sides(chosen, cost)
            if sides is None or sides == told:
                continue
            told = sides
            lines.append(f"| {name}{label} | {described(sides[0], text(sides[0]))} | {described(sides[1], text(sides[1]))} "
                         f"| {cost(sides[1]) / cost(sides[0]):.2f} |")
    return lines


def failures(rows):
    return [f"- {row['workload']}, {row['side']}, {row['variant']}, {row['dtype']}: {row['failed'].splitlines()[-1]}"
            for row in rows if "failed" in row]


def versions_of(rows):
    for row in rows:
        if "versions" in row.get("result", {}):
            return row["result"]["versions"]
    return {}


def instruction_set(rows):
    return next((row["result"]["instruction_set"] for row in rows if "instruction_set" in row.get("result", {})), "unknown")


def machine_lines(rows, facts):
    others = sorted(row["others"] for row in rows if "others" in row) or [0.0]
    return [f"- processor: {facts['processor']}, {facts['cores']} cores, {', '.join(facts['instruction_sets'])}; LibTorch's "
            f"kernels: {instruction_set(rows)}; {facts['memory_gb']} GB, {facts['system']}",
            "- Python side: " + ", ".join(f"{name} {version}" for name, version in versions_of(rows).items()),
            f"- Lathe: {facts['lathe']}",
            f"- other programs used {others[-1]:.2f} cores at most, {others[len(others) // 2]:.2f} in the median run"]


def report(rows, kinds, facts):
    peak = peaks(rows)
    tables = {"steps": lambda own: steps_table(own, peak), "search": search_table, "start": start_table,
              "packing": packing_table, "peak": lambda own: peak_table(own, peak)}
    text = [*machine_lines(rows, facts), "", *ratios(rows, kinds), ""]
    for name in dict.fromkeys(row["workload"] for row in rows):
        own = [row for row in rows if row["workload"] == name and "failed" not in row]
        title = "Matrix products, GFLOP/s" if kinds[name] == "peak" else name
        text += [f"### {title}", "", *(tables[kinds[name]](own) if own else ["no run succeeded"]), ""]
    if failures(rows):
        text += ["### What failed", "", *failures(rows), ""]
    return "\n".join(text)
