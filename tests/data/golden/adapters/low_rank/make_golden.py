#!/usr/bin/env python3
"""Writes the folders here: PEFT adapters with options that change the mathematics or the file, random weights, on the
tiny models of ../../architectures, and what they answer.

    pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2
    python make_golden.py
"""
import json
import shutil
import zlib
from pathlib import Path

import peft
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "architectures"
LINEAR = ["q_proj", "o_proj", "down_proj"]

ADAPTERS = {
    "vera_drawn": ("llama", "VeraConfig", dict(r=5, target_modules=["k_proj", "up_proj", "down_proj"],
                                               save_projection=False, projection_prng_key=1234, d_initial=0.3)),
    "vera_gpt2": ("gpt2", "VeraConfig", dict(r=6, target_modules=["c_attn", "mlp.c_proj"], bias="vera_only",
                                             fan_in_fan_out=True)),
    "loha_patterns": ("llama", "LoHaConfig", dict(r=2, alpha=3, target_modules=LINEAR, rank_pattern={"o_proj": 9},
                                                  alpha_pattern={"layers.1.mlp.down_proj": 5})),
    "lokr_both": ("llama", "LoKrConfig", dict(r=1, alpha=4, target_modules=LINEAR, decompose_both=True)),
    "lokr_factor": ("llama", "LoKrConfig", dict(r=2, alpha=6, target_modules=LINEAR, decompose_factor=4,
                                                init_weights="lycoris", rank_pattern={"q_proj": 5})),
    "ia3_gpt2": ("gpt2", "IA3Config", dict(target_modules=["c_attn", "mlp.c_proj"], feedforward_modules=["mlp.c_proj"],
                                           fan_in_fan_out=True)),
    "ia3_plain": ("opt", "IA3Config", dict(target_modules=["q_proj", "fc1", "fc2"], feedforward_modules=[])),
    "adalora_fresh": ("llama", "AdaLoraConfig", dict(init_r=4, target_r=2, lora_alpha=3, total_step=10,
                                                     target_modules=LINEAR)),
    "adalora_head": ("bert_labels", "AdaLoraConfig", dict(init_r=3, target_r=1, lora_alpha=8, total_step=10,
                                                          target_modules=["query", "value"], bias="lora_only",
                                                          modules_to_save=["classifier"])),
}


def randomise(model, name):
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator))


def main():
    for name, (base, kind, arguments) in ADAPTERS.items():
        folder = HERE / name
        shutil.rmtree(folder, ignore_errors=True)
        labels = base.endswith("labels")
        auto = AutoModelForSequenceClassification if labels else AutoModelForCausalLM
        model = auto.from_pretrained(MODELS / base, attn_implementation="eager", dtype=torch.float32)
        config = getattr(peft, kind)(task_type="SEQ_CLS" if labels else "CAUSAL_LM", **arguments)
        model = peft.get_peft_model(model, config).eval()
        randomise(model, name)
        model.peft_config["default"].base_model_name_or_path = f"../../../architectures/{base}"
        model.save_pretrained(folder, save_embedding_layers=False)
        (folder / "README.md").unlink()
        config_file = folder / "adapter_config.json"
        content = {key: sorted(value) if isinstance(value, list) and key.endswith("modules") else value
                   for key, value in json.loads(config_file.read_text()).items()}
        config_file.write_text(json.dumps(content, indent=2) + "\n")
        vocabulary = model.config.vocab_size
        ids = torch.arange(14).mul(11).remainder(vocabulary - 3).add(3).view(2, 7)
        trainable = {n: list(p.shape) for n, p in model.named_parameters() if p.requires_grad}
        with torch.no_grad():
            logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
            with model.disable_adapter():
                plain = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        save_file({"logits": logits.contiguous()}, str(folder / "golden.safetensors"))
        (folder / "golden.json").write_text(json.dumps(
            {"base": base, "input_ids": ids.tolist(), "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad),
             "shapes": trainable, "change_of_logits": (logits - plain).abs().max().item()}) + "\n")
        print(name, (logits - plain).abs().max().item())


if __name__ == "__main__":
    main()
