#!/usr/bin/env python3
"""Writes a tiny model with random weights for each architecture and option, and what transformers computes with it.

Needs torch 2.15.0, transformers 5.23.0 and safetensors. Run it in this folder; the same versions write the same bytes.
Each folder gets config.json, model.safetensors, golden.json (inputs, greedily generated tokens, number of parameters)
and golden.safetensors (logits of each case, 0 where the input is padding).
"""
import json
import shutil
import sys
import zlib
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoConfig
from transformers import (AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSequenceClassification,
                          AutoModelForTokenClassification)

CLASSES = {"lm": AutoModelForCausalLM, "seq": AutoModelForSequenceClassification,
           "tok": AutoModelForTokenClassification, "mlm": AutoModelForMaskedLM, "base": AutoModel}
IDS = dict(vocab_size=40, pad_token_id=0, bos_token_id=1, eos_token_id=2)
USUAL = dict(IDS, hidden_size=24, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=64)
GROUPED = dict(USUAL, num_key_value_heads=2)
GPT = dict(IDS, n_embd=24, n_layer=2, n_head=4, n_positions=32, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)
NEO = dict(IDS, hidden_size=24, num_heads=4, num_layers=2, attention_types=[[["global", "local"], 1]], window_size=4,
           max_position_embeddings=32)
OPT = dict(USUAL, ffn_dim=32, dropout=0.0, pad_token_id=1, bos_token_id=2)
OPT.pop("intermediate_size")
BLOOM = dict(IDS, hidden_size=24, n_layer=2, n_head=4, pad_token_id=3)
FALCON = dict(IDS, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=64)
BERT = dict(USUAL, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, max_position_embeddings=24)
ROBERTA = dict(BERT, type_vocab_size=1, pad_token_id=1, bos_token_id=0)
DISTIL = dict(vocab_size=40, pad_token_id=0, dim=24, hidden_dim=32, n_layers=2, n_heads=4, max_position_embeddings=24,
              dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0)


def rope(**keys):
    return {"rope_parameters": {"rope_theta": 10000.0, **keys}}


# name: (model_type, head, options, length of the long row or 0, attention that is the reference)
MODELS = {
    "llama": ("llama", "lm", GROUPED),
    "llama_linear": ("llama", "lm", {**GROUPED, **rope(rope_type="linear", factor=2.0)}, 40),
    "llama_dynamic": ("llama", "lm", {**GROUPED, **rope(rope_type="dynamic", factor=2.0),
                                      "max_position_embeddings": 16}, 40),
    "llama_llama3": ("llama", "lm", {**GROUPED, **rope(rope_type="llama3", factor=8.0, low_freq_factor=1.0,
                                                       high_freq_factor=4.0, original_max_position_embeddings=16)}, 48),
    "llama_yarn": ("llama", "lm", {**GROUPED, **rope(rope_type="yarn", factor=4.0,
                                                     original_max_position_embeddings=16)}, 48),
    "llama_yarn_options": ("llama", "lm", {**GROUPED, **rope(rope_type="yarn", factor=4.0, beta_fast=16.0, beta_slow=2.0,
                                                             original_max_position_embeddings=16, attention_factor=1.3,
                                                             truncate=False), "head_dim": 16}, 48),
    "llama_biases": ("llama", "lm", {**USUAL, "attention_bias": True, "mlp_bias": True, "num_key_value_heads": 1,
                                     "head_dim": 10, "tie_word_embeddings": True, "hidden_act": "gelu"}),
    "llama_labels": ("llama", "seq", {**GROUPED, "num_labels": 3}),
    "llama_token_labels": ("llama", "tok", {**GROUPED, "num_labels": 3}),
    "mistral": ("mistral", "lm", {**GROUPED, "sliding_window": 4}),
    "qwen2": ("qwen2", "lm", {**GROUPED, "num_hidden_layers": 3, "use_sliding_window": True, "sliding_window": 4,
                              "max_window_layers": 1, "tie_word_embeddings": True}),
    "qwen3": ("qwen3", "lm", {**GROUPED, "head_dim": 8, "attention_bias": True}),
    "gemma": ("gemma", "lm", {**USUAL, "num_key_value_heads": 1, "head_dim": 8}),
    "gemma2": ("gemma2", "lm", {**GROUPED, "head_dim": 8, "query_pre_attn_scalar": 12, "sliding_window": 4,
                                "attn_logit_softcapping": 3.0, "final_logit_softcapping": 5.0}),
    "glm": ("glm", "lm", {**GROUPED, "head_dim": 8}),
    "phi": ("phi", "lm", {**GROUPED, "qk_layernorm": True,
                          **rope(rope_type="default", partial_rotary_factor=0.34)}),
    "phi3": ("phi3", "lm", {**GROUPED, "sliding_window": 5}),
    # Generation crosses the short context, where transformers reads everything anew.
    "phi3_longrope": ("phi3", "lm", {**GROUPED, "original_max_position_embeddings": 12,
                                     **rope(rope_type="longrope", short_factor=[1.0, 1.1, 1.2],
                                            long_factor=[1.0, 3.0, 6.0])}, 40),
    "falcon": ("falcon", "lm", FALCON),
    "falcon_heads": ("falcon", "lm", {**FALCON, "multi_query": False, "bias": True, "parallel_attn": False}),
    "falcon_groups": ("falcon", "lm", {**FALCON, "new_decoder_architecture": True, "num_kv_heads": 2}),
    "falcon_one_norm": ("falcon", "lm", {**FALCON, "new_decoder_architecture": True, "num_kv_heads": 2,
                                         "num_ln_in_parallel_attn": 1, "tie_word_embeddings": False}),
    # The eager path of transformers 5.23 adds the position scores twice.
    "falcon_alibi": ("falcon", "lm", {**FALCON, "alibi": True, "num_attention_heads": 6, "multi_query": False}, 0, "sdpa"),
    "gpt2": ("gpt2", "lm", GPT),
    "gpt2_options": ("gpt2", "lm", {**GPT, "scale_attn_by_inverse_layer_idx": True, "n_inner": 40,
                                    "activation_function": "relu", "tie_word_embeddings": False}),
    "gpt2_labels": ("gpt2", "seq", {**GPT, "num_labels": 3}),
    "gpt_neo": ("gpt_neo", "lm", {**NEO, "num_layers": 3, "attention_types": [[["local"], 2], [["global"], 1]]}),
    "gpt_neox": ("gpt_neox", "lm", {**USUAL, **rope(rope_type="default", partial_rotary_factor=0.34)}),
    "gpt_neox_sequential": ("gpt_neox", "lm", {**USUAL, "use_parallel_residual": False, "attention_bias": False}),
    "gptj": ("gptj", "lm", {**GPT, "rotary_dim": 4}),
    "opt": ("opt", "lm", OPT),
    "opt_post_norm": ("opt", "lm", {**OPT, "do_layer_norm_before": False, "word_embed_proj_dim": 16}),
    "opt_plain": ("opt", "lm", {**OPT, "enable_bias": False, "layer_norm_elementwise_affine": False,
                                "_remove_final_layer_norm": True}),
    "bloom": ("bloom", "lm", {**BLOOM, "n_head": 6}),
    "bloom_normed_residual": ("bloom", "lm", {**BLOOM, "apply_residual_connection_post_layernorm": True}),
    "bert_labels": ("bert", "seq", {**BERT, "num_labels": 3}),
    "bert_masked": ("bert", "mlm", BERT),
    "bert_token_labels": ("bert", "tok", {**BERT, "num_labels": 3}),
    "roberta_labels": ("roberta", "seq", {**ROBERTA, "num_labels": 3}),
    "roberta_masked": ("roberta", "mlm", ROBERTA),
    "distilbert_labels": ("distilbert", "seq", {**DISTIL, "num_labels": 3}),
    "distilbert_masked": ("distilbert", "mlm", DISTIL),
}


def randomize(model, name):
    """Every parameter gets random values, norms and biases too, so that a missing one shows."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.ndim > 1:
                parameter.copy_(0.3 * noise)
            elif key.endswith("bias"):
                parameter.copy_(0.1 * noise)
            else:
                parameter.add_(0.2 * noise)
    return generator


def batch(config, generator, long):
    """Two rows of nine tokens: whole, the second padded on the right, and on the left; and one long row."""
    pad = config.pad_token_id
    ids = torch.randint(4, config.vocab_size, (2, 9), generator=generator)
    whole = torch.ones_like(ids)
    right, right_mask = ids.clone(), whole.clone()
    right[1, 6:], right_mask[1, 6:] = pad, 0
    left, left_mask = ids.clone(), whole.clone()
    left[1, 3:], left[1, :3], left_mask[1, :3] = ids[1, :6], pad, 0
    cases = {"plain": (ids, whole), "right": (right, right_mask), "left": (left, left_mask)}
    if long:
        row = torch.randint(4, config.vocab_size, (1, long), generator=generator)
        cases["long"] = (row, torch.ones_like(row))
    return cases


def greedy(model, ids, mask):
    model.generation_config.eos_token_id = None
    out = model.generate(input_ids=ids, attention_mask=mask, do_sample=False, max_new_tokens=6,
                         pad_token_id=int(model.config.pad_token_id))
    return out[:, ids.shape[1]:].tolist()


def write(name, kind, head, options, long=0, attention="eager"):
    config = AutoConfig.for_model(kind, **options)
    model = CLASSES[head].from_config(config, attn_implementation=attention).eval()
    cases = batch(config, randomize(model, name), long)
    golden = {"parameters": sum(p.numel() for p in model.parameters())}
    arrays = {}
    with torch.no_grad():
        for case, (ids, mask) in cases.items():
            logits = model(input_ids=ids, attention_mask=mask).logits
            arrays[f"{case}.logits"] = (logits * mask[..., None] if logits.ndim == 3 else logits).contiguous()
            golden[case] = {"input_ids": ids.tolist(), "attention_mask": mask.tolist()}
        if head == "lm":
            golden["generate"] = {"case": "left", "new_tokens": greedy(model, *cases["left"])}
    folder = Path(name)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    save_file(arrays, folder / "golden.safetensors")
    (folder / "golden.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for each in sys.argv[1:] or MODELS:
        write(each, *MODELS[each])
