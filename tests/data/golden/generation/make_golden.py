"""Writes golden.json beside this file: beam search and score processors of transformers on ../llama's random weights.

    python make_golden.py        (transformers 5.23.0, PyTorch 2.15.0, CPU, fp32, eager attention)
"""
import json
import pathlib

import torch
import transformers
from transformers.generation import logits_process as lp

here = pathlib.Path(__file__).parent
torch.set_num_threads(1)
model = transformers.LlamaForCausalLM.from_pretrained(here.parent / "llama", attn_implementation="eager", dtype=torch.float32)
model.generation_config = transformers.GenerationConfig(pad_token_id=1)
vocabulary = model.config.vocab_size


def prompts(lengths):
    longest = max(lengths)
    ids = torch.zeros(len(lengths), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, length in enumerate(lengths):
        ids[row, longest - length :] = torch.randint(3, vocabulary, (length,))
        mask[row, longest - length :] = 1
    return ids, mask


def generate(ids, mask, **options):
    config = transformers.GenerationConfig(do_sample=False, pad_token_id=1, **options)
    with torch.no_grad():
        made = model.generate(input_ids=ids, attention_mask=mask, generation_config=config)
    return made[:, ids.shape[1] :].tolist()


def beam_cases():
    cases = []
    for lengths in ([5], [7, 3, 5]):
        ids, mask = prompts(lengths)
        for beams, penalty, early, ends, extra in (
            (1, 1.0, False, 0, {}),
            (3, 1.0, False, 0, {}),
            (4, 1.0, False, 1, {}),
            (4, 1.0, True, 1, {}),
            (3, 2.0, False, 2, {}),
            (3, 0.0, True, 2, {}),
            (2, -1.0, False, 3, {}),
            (4, 1.5, True, 3, {}),
            (3, 1.0, False, 1, {"repetition_penalty": 1.3, "no_repeat_ngram_size": 2}),
            (1, 1.0, False, 0, {"repetition_penalty": 1.2, "no_repeat_ngram_size": 2}),
        ):
            if extra and len(lengths) > 1:
                continue  # transformers counts padding as text there
            options = dict(num_beams=beams, max_new_tokens=12, **extra)
            if beams > 1:
                options |= dict(length_penalty=penalty, early_stopping=early)
            free = generate(ids, mask, **options)
            if ends:  # tokens that occur, so that texts end
                options["eos_token_id"] = [row[min(2 + 3 * i, 11)] for i, row in enumerate((free * 3)[:ends])]
            cases.append(dict(input_ids=ids.tolist(), attention_mask=mask.tolist(), options=options,
                              new_tokens=generate(ids, mask, **options)))
    return cases


def filter_cases():
    cases = []
    for case, (history, steps) in enumerate((
        ([3, 5, 3, 9, 5], (("repetition_penalty", 1.3), ("no_repeat_ngram", 2), ("temperature", 0.7), ("top_k", 9),
                           ("top_p", 0.8), ("min_p", 0.05))),
        ([1, 2, 3, 1, 2], (("no_repeat_ngram", 3), ("temperature", 1.7), ("top_p", 0.5))),
        ([4, 4, 4], (("repetition_penalty", 0.8), ("min_p", 0.3))),
        ([0], (("top_k", 3),)),
        ([0], (("top_p", 0.0),)),
        ([7, 8], (("temperature", 0.1), ("top_p", 0.95), ("min_p", 0.01))),
    )):
        scores = (torch.randn(1, 24) * (3 if case % 2 == 0 else 1)).float()
        if case == 3:
            scores[0, 7] = scores[0].topk(3)[0][-1]  # a tie at the edge
        ids = torch.tensor([history])
        made = {"repetition_penalty": lp.RepetitionPenaltyLogitsProcessor, "no_repeat_ngram": lp.NoRepeatNGramLogitsProcessor,
                "temperature": lp.TemperatureLogitsWarper, "top_k": lp.TopKLogitsWarper, "top_p": lp.TopPLogitsWarper,
                "min_p": lp.MinPLogitsWarper}
        entry = dict(logits=scores[0].tolist(), history=history, steps=[])
        for name, value in steps:
            scores = made[name](value)(ids, scores)
            entry["steps"].append(dict(name=name, value=value, probabilities=scores.softmax(-1)[0].tolist()))
        cases.append(entry)
    return cases


torch.manual_seed(4)
golden = dict(beams=beam_cases(), filters=filter_cases())
(here / "golden.json").write_text(json.dumps(golden) + "\n")
