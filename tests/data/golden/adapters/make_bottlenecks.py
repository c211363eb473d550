"""Bottleneck adapters with random weights on the tiny models of ../architectures, and what they answer.

hub_*: written and computed by the `adapters` package (1.3.0, with transformers 4.57).
fork_*: files of LLM-Adapters, computed by forward hooks that follow its formulas.
activations.json: the named activations of transformers at a few points.

    python make_bottlenecks.py
"""

import json
import pathlib
import shutil

import adapters
import torch
import transformers
from safetensors.torch import save_file
from transformers.activations import ACT2FN

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parent / "architectures"
torch.set_num_threads(1)


def load(name):
    config = transformers.AutoConfig.from_pretrained(MODELS / name)
    kind = getattr(transformers, config.architectures[0])
    model = kind.from_pretrained(MODELS / name, attn_implementation="eager").eval()
    return model


def inputs(model):
    vocabulary = model.config.vocab_size
    ids = (torch.arange(12) * 7 % (vocabulary - 3) + 3).view(2, 6)
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def write_golden(folder, base, logits, gradients):
    save_file({"logits": logits.contiguous()}, folder / "golden.safetensors")
    golden = {"base": base, "gradient_norms": gradients}
    (folder / "golden.json").write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")


def answer(model, parameters):
    logits = model(**inputs(model)).logits
    logits.square().mean().backward()
    return logits.detach(), {n: round(p.grad.norm().item(), 9) for n, p in parameters}


def stir(parameters, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for _, p in sorted(parameters):
            p.add_(torch.randn(p.shape, generator=generator) * 0.2)


def hub(name, base, config, seed):
    torch.manual_seed(seed)
    model = load(base)
    plain = model(**inputs(model)).logits.detach()
    adapters.init(model)
    model.add_adapter("task", config=config)
    model.train_adapter("task")
    model.eval()
    own = [(n, p) for n, p in model.named_parameters() if ".adapters.task." in n]
    own = list({id(p): (n, p) for n, p in reversed(own)}.values())
    stir(own, seed)
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    logits, gradients = answer(model, own)
    model.save_adapter(str(folder), "task", with_head=False)
    write_golden(folder, base, logits, gradients)
    facts = json.loads((folder / "adapter_config.json").read_text())
    facts["model_name"] = base
    (folder / "adapter_config.json").write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n")
    print(name, (logits - plain).abs().max().item())


def fork(name, base, targets, kinds, seed, scaling=1.0, activation="tanh", size=5, parallel=False, adapterp=False):
    model = load(base)
    plain = model(**inputs(model)).logits.detach()
    for p in model.parameters():
        p.requires_grad_(False)
    act = ACT2FN[activation]
    tensors, own = {}, []
    generator = torch.Generator().manual_seed(seed)
    for path, module in model.named_modules():
        target = next((t for t in targets if path.endswith(t)), None)
        if target is None:
            continue
        kind = kinds[targets.index(target)]
        is_conv = module.__class__.__name__ == "Conv1D"
        fan_in = module.weight.shape[0 if is_conv else 1]
        fan_out = module.weight.shape[1 if is_conv else 0]
        into = fan_out if kind == "output" else fan_in
        outof = fan_in if kind == "input" else fan_out
        down = (torch.randn(size, into, generator=generator) * 0.2).requires_grad_()
        up = (torch.randn(outof, size, generator=generator) * 0.2).requires_grad_()
        prefix = "base_model.model." + path
        parts = {f"{prefix}.adapter_down.weight": down, f"{prefix}.adapter_up.weight": up}
        factor = scaling
        if scaling == "learned":
            factor = torch.tensor([1.3]).requires_grad_()
            parts[f"{prefix}.adapter_scaling"] = factor
        tensors.update(parts)
        own += list(parts.items())

        def path_of(z, down=down, up=up, factor=factor):
            return torch.nn.functional.linear(act(torch.nn.functional.linear(z, down)), up) * factor

        if kind == "input":
            module.register_forward_pre_hook(lambda m, a, f=path_of: (a[0] + f(a[0]),) + a[1:])
        elif kind == "output":
            module.register_forward_hook(lambda m, a, y, f=path_of: y + f(y))
        else:
            module.register_forward_hook(lambda m, a, y, f=path_of: y + f(a[0]))
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    logits, gradients = answer(model, own)
    torch.save({n: t.detach() for n, t in tensors.items()}, folder / "adapter_model.bin")
    facts = {
        "adapter_dropout": 0.0, "base_model_name_or_path": base, "bias": "none", "bottleneck_size": size,
        "inference_mode": True, "init_weights": "bert", "modules_to_save": None, "non_linearity": activation,
        "peft_type": "BOTTLENECK", "scaling": scaling, "target_modules": targets, "task_type": "CAUSAL_LM",
        "use_adapterp": adapterp, "use_parallel_adapter": parallel,
    }
    (folder / "adapter_config.json").write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n")
    write_golden(folder, base, logits, gradients)
    print(name, (logits - plain).abs().max().item())


def activations():
    points = torch.tensor([-30.0, -12.0, -3.0, -1.0, -0.25, 0.0, 0.1, 0.7, 1.0, 2.5, 7.0, 30.0])
    names = [n for n in sorted(ACT2FN) if n not in ("prelu", "xielu")]
    table = {n: [float(f"{v:.7g}") for v in ACT2FN[n](points).tolist()] for n in names}
    text = json.dumps({"points": points.tolist(), "values": table}, sort_keys=True)
    (HERE / "activations.json").write_text(text.replace("], ", "],\n") + "\n")


if __name__ == "__main__":
    small = {"reduction_factor": 3.7}
    hub("hub_llama_parallel", "llama", adapters.ParBnConfig(scaling="learned", **small), 1)
    hub("hub_gpt2_series", "gpt2", adapters.SeqBnConfig(ln_before=True, ln_after=True, scaling=2.0, **small), 2)
    hub("hub_gptj_double", "gptj", adapters.DoubleSeqBnConfig(**small), 3)
    hub("hub_gptj_series", "gptj", adapters.SeqBnConfig(residual_before_ln=False, **small), 4)
    hub("hub_bert_double", "bert_labels", adapters.DoubleSeqBnConfig(**small), 5)
    hub("hub_bert_series", "bert_labels", adapters.SeqBnConfig(scaling="channel", residual_before_ln="post_add", **small), 6)
    hub("hub_bert_parallel", "bert_labels", adapters.ParBnConfig(leave_out=[0], **small), 7)
    fork("fork_llama_h", "llama", ["gate_proj", "up_proj", "down_proj"], ["input", "input", "output"], 11)
    fork("fork_opt_p", "opt", ["fc2"], ["output"], 12, activation="relu", adapterp=True)
    fork("fork_gptj_parallel", "gptj", ["q_proj", "v_proj", "k_proj"], ["beside"] * 3, 13, scaling=4, parallel=True, activation="gelu_new")
    fork("fork_bloom_h", "bloom", ["dense_h_to_4h", "dense_4h_to_h"], ["input", "output"], 14, scaling="learned", activation="swish")
    activations()
