#!/usr/bin/env python3
"""LoRA folders with options of all kinds, and what PEFT computes with them, on the tiny models beside.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 safetensors==0.8.0
    python make_lora.py

All weights are random (fixed seeds), fp32, CPU, one thread, eager attention.
"""

import json
import shutil
from pathlib import Path

import peft
import torch
from peft.tuners.lora.eva import get_eva_state_dict
from peft.utils import merge_utils
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
GOLDEN = HERE.parent.parent
LLAMA, OPT, GPT2 = GOLDEN / "llama", GOLDEN / "architectures/opt", GOLDEN / "architectures/gpt2"
IDS = torch.arange(22).reshape(2, 11) * 7 % 37 + 3

FOLDERS = {
    "tables_and_head": (LLAMA, dict(r=3, lora_alpha=5, target_modules=["embed_tokens", "lm_head", "q_proj"])),
    "dora_tables": (LLAMA, dict(r=3, lora_alpha=5, target_modules=["embed_tokens", "v_proj", "down_proj"], use_dora=True,
                                use_rslora=True, rank_pattern={"down_proj": 2})),
    # In the order of the file the first pattern decides; sorted by name it would be another.
    "pattern_order": (LLAMA, dict(r=4, lora_alpha=8, target_modules=["q_proj", "up_proj"],
                                  rank_pattern={"q_proj": 2, "layers.1.*": 3}, alpha_pattern={"up_proj": 3, "mlp.up_proj": 7})),
    "biases": (OPT, dict(r=2, lora_alpha=6, target_modules=["q_proj", "fc1"], lora_bias=True, bias="all")),
    "pissa_conv1d": (GPT2, dict(r=2, lora_alpha=4, target_modules=["c_attn", "mlp.c_proj"], init_lora_weights="pissa",
                                fan_in_fan_out=True)),
    "dora_pissa": (LLAMA, dict(r=2, lora_alpha=4, target_modules=["q_proj"], init_lora_weights="pissa", use_dora=True)),
    "whole_modules": (LLAMA, dict(r=2, lora_alpha=4, target_modules=["q_proj", "lm_head"], modules_to_save=["lm_head"])),
}


def base_of(folder):
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()


def stir(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if parameter.requires_grad:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))


def save(model, folder):
    model.save_pretrained(folder, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "base"
    for key in ("target_modules", "modules_to_save"):
        config[key] = sorted(config[key]) if config[key] else config[key]
    for key in ("rank_pattern", "alpha_pattern"):  # PEFT keeps their order in memory and sorts them in files
        config[key] = dict(model.peft_config["default"].to_dict()[key])
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")


def make_folder(name, base, arguments):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(1)
    model = peft.get_peft_model(base_of(base), peft.LoraConfig(task_type="CAUSAL_LM", **arguments)).eval()
    stir(model, 2)
    save(model, folder)
    ids = IDS % 40
    logits = model(input_ids=ids).logits
    loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    loss.backward()
    arrays = {"ids": ids, "logits": logits.detach().contiguous(), "loss": loss.detach().reshape(1)}
    for parameter_name, parameter in model.named_parameters():
        if parameter.requires_grad:
            plain = parameter_name.replace(".default", "").replace(".modules_to_save", "")
            plain = plain.replace("lora_magnitude_vector.weight", "lora_magnitude_vector")
            arrays["grad." + plain] = parameter.grad.norm().reshape(1)
    save_file(arrays, folder / "golden.safetensors")


def make_eva():
    generator = torch.Generator().manual_seed(3)
    batches = []
    for _ in range(3):
        ids = torch.randint(3, 160, (4, 24), generator=generator)
        labels = ids.clone()
        labels[:, :5] = -100
        batches.append({"input_ids": ids, "labels": labels})
    config = peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"],
                             init_lora_weights="eva", eva_config=peft.EvaConfig(rho=2.0, tau=0.99))
    state = get_eva_state_dict(base_of(LLAMA), batches, config, show_progress_bar=False)
    arrays = {f"directions.{name}": value.contiguous() for name, value in state.items()}
    arrays |= {f"ids.{i}": batch["input_ids"] for i, batch in enumerate(batches)}
    save_file(arrays, HERE / "eva.safetensors")


def products(model, name):
    return {module_name.removeprefix("base_model.model."): module.get_delta_weight(name).detach().contiguous()
            for module_name, module in model.named_modules()
            if hasattr(module, "get_delta_weight") and name in module.lora_A}


def make_combinations():
    adapters = {"one": dict(r=4, lora_alpha=8), "two": dict(r=4, lora_alpha=4), "small": dict(r=2, lora_alpha=6)}
    model = None
    for i, (name, arguments) in enumerate(adapters.items()):
        config = peft.LoraConfig(task_type="CAUSAL_LM", target_modules=["q_proj", "v_proj"], **arguments)
        single = peft.get_peft_model(base_of(LLAMA), config)
        stir(single, 10 + i)
        shutil.rmtree(HERE / "combine" / name, ignore_errors=True)
        save(single, HERE / "combine" / name)
        if model is None:
            model = peft.PeftModel.from_pretrained(base_of(LLAMA), HERE / "combine" / name, adapter_name=name)
        else:
            model.load_adapter(HERE / "combine" / name, adapter_name=name)
    arrays = {}
    pair, weights = ["one", "two"], [0.7, -0.4]
    for kind in ("linear", "cat", "svd", "ties", "ties_svd", "magnitude_prune", "magnitude_prune_svd"):
        model.add_weighted_adapter(pair, weights, kind, combination_type=kind, density=0.6)
        arrays |= {f"{kind}.{name}": value for name, value in products(model, kind).items()}
    model.add_weighted_adapter(pair, weights, "frequency", combination_type="ties", density=0.6,
                               majority_sign_method="frequency")
    arrays |= {f"ties_frequency.{name}": value for name, value in products(model, "frequency").items()}
    model.add_weighted_adapter(["one", "small"], [1.0, 2.0], "mixed", combination_type="cat")
    arrays |= {f"mixed_cat.{name}": value for name, value in products(model, "mixed").items()}
    model.add_weighted_adapter(["one", "small"], [1.0, 2.0], "mixed_svd", combination_type="svd", svd_rank=3)
    arrays |= {f"mixed_svd.{name}": value for name, value in products(model, "mixed_svd").items()}
    # DARE draws: the generator is seeded once and used module by module, A of all adapters before B.
    files = {name: load_file(HERE / "combine" / name / "adapter_model.safetensors") for name in pair}
    for kind in ("dare_linear", "dare_ties"):
        torch.manual_seed(5)
        merge = getattr(merge_utils, kind)
        for key in sorted(files["one"]):
            if not key.endswith("lora_A.weight"):
                continue
            scales = [weight * adapters[name]["lora_alpha"] / adapters[name]["r"] for name, weight in zip(pair, weights)]
            roots = torch.tensor([abs(scale) ** 0.5 for scale in scales])
            signs = torch.tensor([1.0 if scale >= 0 else -1.0 for scale in scales])
            a = merge([files[name][key] for name in pair], roots * signs, 0.6)
            b = merge([files[name][key.replace("lora_A", "lora_B")] for name in pair], roots, 0.6)
            arrays[f"{kind}.{key.removeprefix('base_model.model.').removesuffix('.lora_A.weight')}"] = b @ a
    # A new adapter's start draws too, so the library's function is called again for the products alone.
    for kind in ("dare_linear_svd", "dare_ties_svd"):
        model.add_weighted_adapter(pair, weights, kind, combination_type=kind, density=0.6)
        torch.manual_seed(5)
        for name, module in model.named_modules():
            if hasattr(module, "get_delta_weight") and kind in module.lora_A:
                a, b = model.base_model._svd_generalized_task_arithmetic_weighted_adapter(
                    kind, pair, weights, 4, module, module.lora_A[kind].weight, module.lora_B[kind].weight,
                    0.6, "total", clamp=None)
                arrays[f"{kind}.{name.removeprefix('base_model.model.')}"] = (b @ a).detach()
    save_file({name: value.contiguous() for name, value in arrays.items()}, HERE / "combine" / "golden.safetensors")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, (base, arguments) in FOLDERS.items():
        make_folder(name, base, arguments)
    make_eva()
    make_combinations()
