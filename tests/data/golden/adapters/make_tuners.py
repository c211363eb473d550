"""OFT, BOFT and layer-norm tuning of PEFT 0.21.2 with options that the shared oracles leave out, random weights.

boft_factors: PEFT builds several factors only with its CUDA extension; here torch.block_diag stands in for it.

    python make_tuners.py
"""

import json
import pathlib
import shutil

import peft
import torch
import transformers
from peft.tuners.boft import layer as boft_layer
from safetensors.torch import save_file

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parent / "architectures"
torch.set_num_threads(1)


class BlockDiagonal:
    @staticmethod
    def apply(blocks):
        return torch.stack([torch.block_diag(*torch.unbind(factor)) for factor in blocks])


boft_layer.get_fbd_cuda = lambda: True
boft_layer.FastBlockDiag = BlockDiagonal


def inputs(model):
    vocabulary = model.config.vocab_size
    ids = (torch.arange(12) * 7 % (vocabulary - 3) + 3).view(2, 6)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def write(name, base, config, seed, scale=0.1):
    config_of_base = transformers.AutoConfig.from_pretrained(MODELS / base)
    kind = getattr(transformers, config_of_base.architectures[0])
    model = kind.from_pretrained(MODELS / base, attn_implementation="eager").eval()
    plain = model(**inputs(model)).logits.detach()
    tuned = peft.get_peft_model(model, config)
    generator = torch.Generator().manual_seed(seed)
    own = sorted((n, p) for n, p in tuned.named_parameters() if p.requires_grad)
    with torch.no_grad():
        for _, p in own:
            p.add_(torch.randn(p.shape, generator=generator) * scale)
    logits = tuned(**inputs(model)).logits
    logits.square().mean().backward()
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    tuned.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    facts = json.loads((folder / "adapter_config.json").read_text())
    facts["base_model_name_or_path"] = base
    (folder / "adapter_config.json").write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n")
    norms = {n.replace(".default", ""): round(p.grad.norm().item(), 9) for n, p in own}
    save_file({"logits": logits.detach().contiguous()}, folder / "golden.safetensors")
    golden = {"base": base, "gradient_norms": norms}
    (folder / "golden.json").write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")
    print(name, (logits - plain).abs().max().item(), len(norms))


if __name__ == "__main__":
    text = {"task_type": "CAUSAL_LM"}
    write("oft_shared", "llama", peft.OFTConfig(oft_block_size=8, block_share=True, target_modules=["q_proj", "down_proj"], num_cayley_neumann_terms=4, **text), 1)
    write("oft_constrained", "gptj", peft.OFTConfig(r=3, oft_block_size=0, coft=True, eps=0.5, target_modules=["q_proj", "fc_in"], use_cayley_neumann=False, **text), 2)
    write("oft_biases", "opt", peft.OFTConfig(oft_block_size=6, bias="oft_only", target_modules=["q_proj", "fc2"], **text), 3)
    write("boft_factors", "llama", peft.BOFTConfig(boft_block_size=2, boft_n_butterfly_factor=3, target_modules=["q_proj", "o_proj"], **text), 4, 0.3)
    write("boft_biases", "opt", peft.BOFTConfig(boft_block_size=0, boft_block_num=4, boft_n_butterfly_factor=2, bias="all", target_modules=["fc1"], **text), 5, 0.3)
    write("norms_bloom", "bloom", peft.LNTuningConfig(**text), 6)
    write("norms_bert", "bert_labels", peft.LNTuningConfig(task_type="SEQ_CLS", target_modules=["LayerNorm"], exclude_modules=["embeddings.LayerNorm"]), 7)
