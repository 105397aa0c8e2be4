"""Writes the golden files of quantisation: what bitsandbytes and peft compute on small random tensors.

    python3 -m venv .venv && .venv/bin/pip install torch transformers peft bitsandbytes safetensors
    .venv/bin/python tools/golden/make_quantized.py libs/llm/src/test/resources/quantized

`quantized.safetensors` holds the code books, tensors, what `quantize_4bit` makes of them with plain and with quantised
scales, and what `dequantize_4bit` makes of that; `loftq.safetensors` holds what peft's `loftq_init` makes of matrices.
"""

import inspect
import sys
from pathlib import Path

import bitsandbytes.functional as bnb
import peft.utils.loftq_utils as loftq
import torch
from safetensors.torch import save_file


def tensors():
    """Enough blocks for more than one block of scales; a tail that fills no block; zeros, outliers and ties."""
    torch.manual_seed(17)
    wide = torch.randn(160, 128) * 0.05
    wide[3, :64] = 0
    wide[5, 7] = 4.0
    wide[9] = torch.linspace(-1, 1, 128)
    yield "wide", wide
    yield "tail", torch.randn(7, 50)
    yield "brain", (torch.randn(32, 64) * 0.1).to(torch.bfloat16)


def quantized():
    out = {"code.nf4": bnb.get_4bit_type("nf4", "cpu"), "code.fp4": bnb.get_4bit_type("fp4", "cpu"),
           "code.signed": bnb.create_dynamic_map(True), "code.unsigned": bnb.create_dynamic_map(False)}
    for name, tensor in tensors():
        out[name] = tensor
        codes, state = bnb.quantize_blockwise(tensor.float(), blocksize=256)
        out[f"{name}.signed.codes"] = codes
        out[f"{name}.signed.absmax"] = state.absmax
        for kind in ("nf4", "fp4"):
            packed, state = bnb.quantize_4bit(tensor, blocksize=64, quant_type=kind)
            out[f"{name}.{kind}.packed"] = packed.flatten()
            out[f"{name}.{kind}.absmax"] = state.absmax
            out[f"{name}.{kind}.values"] = bnb.dequantize_4bit(packed, state).float()
            packed, state = bnb.quantize_4bit(tensor, blocksize=64, quant_type=kind, compress_statistics=True)
            out[f"{name}.{kind}.double.absmax"] = state.absmax
            out[f"{name}.{kind}.double.scales"] = state.state2.absmax
            out[f"{name}.{kind}.double.offset"] = state.offset.reshape(1)
            out[f"{name}.{kind}.double.values"] = bnb.dequantize_4bit(packed, state).float()
    return out


def loftq_on_cpu():
    """peft's own function, which insists on a GPU."""
    source = inspect.getsource(loftq.loftq_init).replace('"xpu" if is_xpu_available() else "cuda"', '"cpu"')
    scope = dict(vars(loftq))
    exec(source, scope)  # noqa: S102
    return scope["loftq_init"]


def loftq_matrices():
    torch.manual_seed(19)
    out = {}
    for name, shape in (("tall", (96, 64)), ("square", (64, 64)), ("flat", (32, 128))):
        weight = torch.randn(shape) * 0.1
        out[name] = weight
        for rounds in (1, 4):
            base, a, b = loftq_on_cpu()(weight, num_bits=4, reduced_rank=8, num_iter=rounds)
            out[f"{name}.{rounds}.base"] = base
            out[f"{name}.{rounds}.change"] = b @ a
    return out


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for file, make in (("quantized", quantized), ("loftq", loftq_matrices)):
        save_file({name: value.contiguous() for name, value in make().items()}, target / f"{file}.safetensors")
