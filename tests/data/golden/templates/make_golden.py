#!/usr/bin/env python3
"""Tokens and labels that transformers gives of real rows, for every kind of prompt template.

usage: make_golden.py SHARED        (the folder with models/tokenizers and data), writes golden.json beside itself

For each case: the SHA-256 of all rows' tokens and labels, the first four bytes of each row's own, so that a
test can name the row at fault, and the first row, which is made up, in full. The labels follow the definition: with a chat template
that marks its answers by {% generation %}, those of transformers' assistant mask; without, what each turn of
the assistant adds to the conversation before it with the generation prompt; with text templates, everything
behind the prompt, and the end token. A token belongs to the answer where it begins in it.
"""
import hashlib
import json
import struct
import sys
import tempfile
from pathlib import Path

import tokenizers
import transformers

ROWS = 500
FIRST = {"instruction": "Name three colours of autumn.", "input": "Only warm ones, s'il vous plaît 🍂",
         "output": "Red, orange\nand brown."}
FILES = [("data/instruct/alpaca_en_demo.json", 200), ("data/instruct/dolly_short_6k.jsonl", 120),
         ("data/math/ft-training_set/math_data.json", 100), ("data/commonsense/dataset/ARC-Challenge/train.json", 79)]

TASK = "Below is an instruction that describes a task"
REQUEST = "Write a response that appropriately completes the request."
H1 = TASK + ". " + REQUEST
H2 = TASK + ", paired with an input that provides further context. " + REQUEST
S16 = " " * 16


def plain(i, x):
    return (i + "\n\n" + x + "\n\nAnswer:" if x else i + "\n\nAnswer:"), " "


def alpaca(i, x):
    return (H2 + "\n\n### Instruction:\n" + i + "\n\n### Input:\n" + x + "\n\n### Response:\n" if x
            else H1 + "\n\n### Instruction:\n" + i + "\n\n### Response:\n"), ""


def adapters_train(i, x):
    if x:
        return (H2 + " \n\n" + S16 + "### Instruction:\n" + S16 + i + "\n" + S16 + "\n" + S16 + "### Input:\n" + S16
                + x + "\n" + S16 + "\n" + S16 + "### Response:\n" + S16), ""
    return (H1 + "  \n\n" + S16 + "### Instruction:\n" + S16 + i + "\n" + S16 + "\n" + S16 + "### Response:\n"
            + S16), ""


def adapters_eval(i, x):
    if x:
        return (H2 + "\n\n" + S16 + "### Instruction:\n" + S16 + i + "\n\n" + S16 + "### Input:\n" + S16 + x + "\n\n"
                + S16 + "### Response:\n" + S16), ""
    return H1 + " \n\n" + S16 + "### Instruction:\n" + S16 + i + "\n\n" + S16 + "### Response:\n" + S16, ""


CUSTOM = "[Question] {instruction} {{{input}}}\n[Answer] "


def custom(i, x):
    return "[Question] " + i + " {" + x + "}\n[Answer]", " "


TEXTS = {"plain": plain, "alpaca": alpaca, "llm-adapters-train": adapters_train, "llm-adapters-eval": adapters_eval,
         "custom": custom}

CHATS = {
    "turns": "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}"
             "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "marked-turns": "{% for m in messages %}{% if m['role'] == 'assistant' %}{{ '<|im_start|>assistant\n' }}"
                    "{% generation %}{{ m['content'] + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}{% else %}"
                    "{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endif %}{% endfor %}"
                    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "brackets": "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ '<<' ~ m.content ~ '>> ' }}"
                "{% elif m.role == 'user' %}{{ '[Q] ' ~ (m.content | trim) ~ ' [/Q]' }}{% else %}"
                "{{ ' ' ~ (m.content | trim) ~ eos_token }}{% endif %}{% endfor %}",
    "words": "{% for m in messages %}{% if m.role == 'assistant' %}A: {% generation %}{{ m.content }}"
             "{% endgeneration %}{{ '\n' }}{% else %}{{ m.role | title ~ ': ' ~ m.content ~ '\n' }}{% endif %}"
             "{% endfor %}{% if add_generation_prompt %}A: {% endif %}",
}

TOKENIZERS = {
    "gpt2": {"file": "models/tokenizers/gpt2/tokenizer.json", "bos": "<|endoftext|>", "eos": "<|endoftext|>"},
    "llama2": {"file": "models/tokenizers/llama2/tokenizer.phi3.json", "bos": "<s>", "eos": "</s>"},
}
ADDED = ["<|im_start|>", "<|im_end|>"]


def rows(shared):
    found = [FIRST]
    for name, count in FILES:
        text = (shared / name).read_text()
        table = json.loads(text) if name.endswith(".json") else [json.loads(line) for line in text.splitlines()]
        found += [{key: row.get(key) or "" for key in ("instruction", "input", "output")} for row in table[:count]]
    assert len(found) == ROWS
    return found


def folder_of(shared, spec, chat, into):
    tokenizer = json.loads((shared / spec["file"]).read_text())
    first = max([*tokenizer["model"]["vocab"].values(), *(a["id"] for a in tokenizer["added_tokens"])]) + 1
    for place, content in enumerate(ADDED):
        tokenizer["added_tokens"].append({"id": first + place, "content": content, "single_word": False,
                                          "lstrip": False, "rstrip": False, "normalized": False, "special": True})
    into.mkdir(parents=True)
    (into / "tokenizer.json").write_text(json.dumps(tokenizer))
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(into / "tokenizer.json"), bos_token=spec["bos"],
                                                eos_token=spec["eos"], chat_template=chat)


def conversation(all_rows, k):
    """Every fifth row is a conversation of up to three exchanges; every seventh has a system message."""
    messages = [{"role": "system", "content": "Answer row %d." % k}] if k % 7 == 0 else []
    for row in all_rows[k:k + (1 + k % 3 if k % 5 == 0 else 1)]:
        question = row["instruction"] + ("\n\n" + row["input"] if row["input"] else "")
        messages += [{"role": "user", "content": question}, {"role": "assistant", "content": row["output"]}]
    return messages


def masked(encoding, ranges):
    labels = []
    for token, (begin, end) in zip(encoding["input_ids"], encoding["offset_mapping"]):
        begin = begin - 1 if begin == end and begin > 0 else begin
        labels.append(token if any(first <= begin < last for first, last in ranges) else -100)
    return labels


def chat_row(tokenizer, messages):
    render = lambda m, head: tokenizer.apply_chat_template(m, tokenize=False, add_generation_prompt=head)
    whole = render(messages, False)
    ids = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True)["input_ids"]
    if "{% generation %}" in tokenizer.chat_template:
        out = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True,
                                            return_assistant_tokens_mask=True)
        assert out["input_ids"] == ids
        return ids, [token if mask else -100 for token, mask in zip(ids, out["assistant_masks"])]
    ranges = []
    for turn, message in enumerate(messages):
        if message["role"] == "assistant":
            before, up_to = render(messages[:turn], True), render(messages[:turn + 1], False)
            assert whole.startswith(up_to) and up_to.startswith(before)
            ranges.append((len(before), len(up_to)))
    encoding = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
    assert encoding["input_ids"] == ids
    return ids, masked(encoding, ranges)


def text_row(tokenizer, template, row):
    prompt, prefix = template(row["instruction"], row["input"])
    text = prompt + prefix + row["output"]
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids = [tokenizer.bos_token_id] + encoding["input_ids"] + [tokenizer.eos_token_id]
    return ids, [-100] + masked(encoding, [(len(prompt), len(text))]) + [tokenizer.eos_token_id]


def packed(ids, labels):
    return struct.pack("<%di" % (2 * len(ids)), *ids, *labels)


def case(name, template, made):
    digest = hashlib.sha256()
    short = ""
    for ids, labels in made:
        digest.update(packed(ids, labels))
        short += hashlib.sha256(packed(ids, labels)).hexdigest()[:8]
    return {"tokenizer": name, "template": template, "sha256": digest.hexdigest(), "rows": short,
            "first": {"ids": made[0][0], "labels": made[0][1]}}


def lines(golden):
    """One case a line."""
    return json.dumps(golden, ensure_ascii=False).replace('{"tokenizer":', '\n{"tokenizer":')


def main():
    shared = Path(sys.argv[1])
    all_rows = rows(shared)
    cases = []
    with tempfile.TemporaryDirectory() as work:
        for name, spec in TOKENIZERS.items():
            tokenizer = folder_of(shared, spec, None, Path(work) / name)
            for template, function in TEXTS.items():
                made = [text_row(tokenizer, function, row) for row in all_rows if row["output"]]
                # A short answer can be one token with the spaces before it, and then there is nothing to learn.
                cases.append(case(name, template, [row for row in made if any(l != -100 for l in row[1][:-1])]))
            for template, source in CHATS.items():
                tokenizer.chat_template = source
                talks = [conversation(all_rows, k) for k in range(ROWS)]
                made = [chat_row(tokenizer, talk) for talk in talks if all(m["content"] for m in talk)]
                cases.append(case(name, template, made))
                print(name, template, len(made))
    golden = {"made by": "transformers %s, tokenizers %s" % (transformers.__version__, tokenizers.__version__),
              "files": FILES, "tokenizers": TOKENIZERS, "added": ADDED, "first": FIRST, "custom": CUSTOM,
              "chats": CHATS, "cases": cases}
    Path(__file__).with_name("golden.json").write_text(lines(golden) + "\n")


main()
