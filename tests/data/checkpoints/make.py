"""Writes the checkpoints of this folder with PyTorch, and what they hold with safetensors (see README.md)."""

import collections
import pathlib

import safetensors.torch
import torch

folder = pathlib.Path(__file__).parent
torch.manual_seed(7)


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(5, 4)
        self.proj = torch.nn.Linear(4, 3)
        self.norm = torch.nn.LayerNorm(3)
        self.head = torch.nn.Linear(4, 5, bias=False)
        self.head.weight = self.embed.weight
        self.register_buffer("mask", torch.ones(3, 3, dtype=torch.bool).tril())


whole = torch.randn(6, 8)
contents = {
    "dict": {
        "f32": torch.randn(2, 3), "f64": torch.randn(3, dtype=torch.float64), "f16": torch.randn(4).half(),
        "bf16": torch.randn(2, 2).bfloat16(), "i64": torch.tensor([1, -2, 2**40]), "i32": torch.tensor([3], dtype=torch.int32),
        "i16": torch.tensor([-4, 5], dtype=torch.int16), "i8": torch.tensor([-6], dtype=torch.int8),
        "u8": torch.tensor([200, 7], dtype=torch.uint8), "flag": torch.tensor([True, False]),
        "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4), "größe": torch.ones(1),
        "epoch": 3, "loss": 0.5, "name": "x", "steps": [1, 2, 2**70], "nothing": None, "done": True,
    },
    "ordered": collections.OrderedDict((name, torch.randn(2)) for name in ("z", "a", "m")),
    "state_dict": Small().bfloat16().state_dict(),
    "shared": {"all": whole, "rows": whole[2:4], "column": whole[:, 3], "tied": whole},
    "strided": {"t": whole.t(), "steps": whole[1::2, ::3], "expanded": torch.tensor([1.5, 2.5]).expand(3, 2),
                "permuted": torch.arange(24.0).view(2, 3, 4).permute(2, 0, 1)},
    "nested": {"state_dict": {"w": torch.nn.Parameter(torch.randn(2, 2))}, "epoch": 1},
}


def tensors(content):
    content = content.get("state_dict", content)
    return {name: value for name, value in content.items() if isinstance(value, torch.Tensor)}


def save(name, content, **options):
    torch.save(content, folder / f"{name}.bin", **options)
    for key, value in tensors(content).items():
        expected[f"{name}/{key}"] = value.detach().clone().contiguous()


expected = {}
for name, content in contents.items():
    save(name, content)
save("protocol4", contents["dict"], pickle_protocol=4)
save("protocol5", contents["state_dict"], pickle_protocol=5)
legacy = {**tensors(contents["dict"]), **contents["shared"], **contents["strided"]}
save("legacy", legacy, _use_new_zipfile_serialization=False)
save("legacy_state_dict", contents["state_dict"], _use_new_zipfile_serialization=False)
torch.save({"w": torch.tensor([1, 2], dtype=torch.uint16)}, folder / "uint16.bin")
torch.save(Small(), folder / "whole_module.bin")
safetensors.torch.save_file(expected, folder / "expected.safetensors")
