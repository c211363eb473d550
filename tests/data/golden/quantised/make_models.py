"""Writes tiny models of random weights as transformers and bitsandbytes save them, with the logits of their numbers.

golden.json: inputs; golden.safetensors: the logits of the same model with bitsandbytes' own decoded numbers as ordinary
float32 weights. Usage: make_models.py, with bitsandbytes 0.50.2, transformers 5.23.0, PyTorch 2.15.0.
"""

import json
import tempfile
from pathlib import Path

import bitsandbytes.functional as F
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

FOLDER = Path(__file__).parent
LLAMA = dict(vocab_size=96, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=False, initializer_range=0.1)
GPT2 = dict(vocab_size=96, n_embd=64, n_layer=2, n_head=4, n_positions=64, initializer_range=0.1)
MODELS = {
    "llama_nf4": (lambda: LlamaForCausalLM(LlamaConfig(**LLAMA)), torch.bfloat16,
                  dict(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True)),
    "llama_nf4_plain": (lambda: LlamaForCausalLM(LlamaConfig(**LLAMA)), torch.float32,
                        dict(load_in_4bit=True, bnb_4bit_quant_type="nf4")),
    "llama_int8": (lambda: LlamaForCausalLM(LlamaConfig(**LLAMA)), torch.float16, dict(load_in_8bit=True)),
    "gpt2_nf4": (lambda: GPT2LMHeadModel(GPT2Config(**GPT2)), torch.float32,
                 dict(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True)),
}


def decoded(module):
    weight = module.weight
    if hasattr(weight, "quant_state"):
        return F.dequantize_4bit(weight.data, weight.quant_state).float()
    return F.int8_vectorwise_dequant(weight.data, weight.SCB if weight.SCB is not None else module.state.SCB).float()


def main():
    for number, (name, (make, dtype, settings)) in enumerate(MODELS.items()):
        torch.manual_seed(number)
        plain = make().to(dtype)
        with tempfile.TemporaryDirectory() as folder:
            plain.save_pretrained(folder)
            packed = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, device_map="cpu",
                                                          quantization_config=BitsAndBytesConfig(**settings))
        packed.save_pretrained(FOLDER / name)
        whole = make().eval()  # fresh, because plain has rounded the rotary frequencies too
        whole.load_state_dict({key: value.float() for key, value in plain.state_dict().items()})
        count = 0
        for path, module in packed.named_modules():
            if "bit" in type(module).__name__.lower():
                target = whole.get_submodule(path)
                values = decoded(module)
                target.weight.data = values.t().contiguous() if "Conv1D" in type(target).__name__ else values
                count += 1
        ids = torch.randint(0, 96, (2, 12))
        with torch.no_grad():
            logits = whole(ids).logits
        save_file({"logits": logits.contiguous()}, FOLDER / name / "golden.safetensors")
        (FOLDER / name / "golden.json").write_text(json.dumps({"input_ids": ids.tolist(), "packed": count}) + "\n")
        for file in (FOLDER / name).iterdir():
            file.chmod(0o644)
        print(name, count, [f.name for f in (FOLDER / name).iterdir()])


main()
