"""Writes codes.safetensors: random numbers as bitsandbytes encodes and decodes them on the CPU.

Encoding is that of its device-independent implementation, which takes the nearest level; its C library finds the place in
the 8-bit map by a table and is one place off for some numbers. Decoding is that of both; but the C library goes wrong where a row is not of whole blocks.
Usage: make_codes.py, with bitsandbytes 0.50.2, PyTorch 2.15.0 and safetensors.
"""

import ctypes
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

CASES = {  # shape, dtype, block, nested
    "plain_64": ((24, 128), torch.float32, 64, False),
    "plain_256": ((12, 256), torch.float32, 256, False),
    "nested_64": ((150, 128), torch.float32, 64, True),
    "nested_256": ((20, 256), torch.float32, 256, True),
    "bfloat16_64": ((24, 128), torch.bfloat16, 64, True),
    "float16_64": ((24, 128), torch.float16, 64, True),
    "across_64": ((24, 80), torch.float32, 64, False),
    "cut_64": ((7, 30), torch.float32, 64, False),
    "odd_64": ((5, 13), torch.float32, 64, False),
    "zeros_64": ((4, 100), torch.float32, 64, False),
}
FOLDER = Path(__file__).parent


def numbers(name):
    shape, dtype, _, _ = CASES[name]
    torch.manual_seed(list(CASES).index(name))
    x = torch.randn(shape) * torch.rand(shape[0], 1) * 0.1
    if name == "zeros_64":
        x[0:2] = 0
        x[3] = 0
    return x.to(dtype)


def encode():
    import bitsandbytes.functional as F

    tensors = {"dynamic_map": F.create_dynamic_map()}
    for name, (shape, dtype, block, nested) in CASES.items():
        x = numbers(name)
        codes, state = F.quantize_4bit(x, blocksize=block, compress_statistics=nested, quant_type="nf4")
        tensors |= {f"{name}.x": x, f"{name}.codes": codes, f"{name}.absmax": state.absmax}
        if nested:
            tensors |= {f"{name}.offset": state.offset, f"{name}.nested_absmax": state.state2.absmax}
        tensors[f"{name}.decoded"] = F.dequantize_4bit(codes, state)
    torch.manual_seed(100)
    x = torch.randn(20, 70)
    x[4] = 0
    x[5, 3] = 40
    codes, scale, _ = F.int8_vectorwise_quant(x.clone())
    tensors |= {"int8.x": x, "int8.codes": codes, "int8.scale": scale}
    tensors["int8.decoded"] = F.int8_vectorwise_dequant(codes, scale)
    return tensors


if len(sys.argv) > 1:  # without the C library
    load = ctypes.cdll.LoadLibrary
    ctypes.cdll.LoadLibrary = lambda name: (_ for _ in ()).throw(OSError()) if "bitsandbytes" in str(name) else load(name)
    save_file({k: v.contiguous() for k, v in encode().items()}, FOLDER / "codes.safetensors")
else:
    import subprocess

    subprocess.run([sys.executable, __file__, "nearest"], check=True)
    import bitsandbytes.functional as F

    stored = load_file(FOLDER / "codes.safetensors")
    for name, (shape, dtype, block, nested) in CASES.items():
        codes, state = F.quantize_4bit(numbers(name), blocksize=block, quant_type="nf4")
        assert torch.equal(codes, stored[f"{name}.codes"]), name
        assert nested or torch.equal(state.absmax, stored[f"{name}.absmax"]), name
        absmax = stored[f"{name}.absmax"]
        if nested:
            state2 = F.QuantState(absmax=stored[f"{name}.nested_absmax"], blocksize=256, code=stored["dynamic_map"],
                                  dtype=torch.float32)
            absmax = F.dequantize_blockwise(absmax, state2) + stored[f"{name}.offset"]
        state.absmax = absmax
        assert shape[1] % block or torch.equal(F.dequantize_4bit(codes, state), stored[f"{name}.decoded"]), name
    (FOLDER / "codes.safetensors").chmod(0o644)
