"""Writes the golden files of quantisation: what bitsandbytes and peft compute on small random tensors.

    python3 -m venv .venv && .venv/bin/pip install torch transformers peft bitsandbytes safetensors
    .venv/bin/python tools/golden/make_quantized.py libs/llm/src/test/resources/quantized

`quantized.safetensors` holds the code books, tensors, what `quantize_4bit` makes of them with plain and with quantised
scales, and what `dequantize_4bit` makes of that; `loftq.safetensors` holds what peft's `loftq_init` makes of matrices; `adam8.safetensors` holds the first
steps of the 8-bit AdamW of https://arxiv.org/abs/2110.02861, written out below with the code books of bitsandbytes.
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


class Bytes:
    """One moment in 8 bits: blocks of 256, each divided by its largest absolute value, as the nearest code."""

    def __init__(self, like, signed):
        self.code = bnb.create_dynamic_map(signed)
        self.bounds = (self.code[:-1] + self.code[1:]) / 2
        self.set(torch.zeros_like(like))

    def set(self, values):
        blocks = torch.nn.functional.pad(values.flatten(), (0, -values.numel() % 256)).reshape(-1, 256)
        self.largest = blocks.abs().amax(1, keepdim=True)
        self.codes = torch.bucketize(blocks * (1 / self.largest.clamp(min=1e-38)), self.bounds)

    def get(self, shape):
        return (self.code[self.codes] * self.largest).flatten()[:shape.numel()].reshape(shape)


def adam8():
    """Two parameters, of which the small one keeps moments in float32; five gradients of very different sizes."""
    torch.manual_seed(23)
    rate, decay, beta1, beta2, epsilon = 1e-2, 0.01, 0.9, 0.999, 1e-8
    out = {}
    for name, shape in (("large", (70, 64)), ("small", (16, 16))):
        value = torch.randn(shape)
        mean, variance = Bytes(value, True), Bytes(value, False)
        exact = torch.zeros(shape), torch.zeros(shape)
        out[f"{name}.start"] = value.clone()
        for step in range(1, 6):
            gradient = torch.randn(shape) * torch.logspace(-3, 1, shape[1])
            m, v = (mean.get(value.shape), variance.get(value.shape)) if name == "large" else exact
            m = m * beta1 + gradient * (1 - beta1)
            v = v * beta2 + gradient * gradient * (1 - beta2)
            mean.set(m)
            variance.set(v)
            exact = m, v
            root = (v.sqrt() / (1 - beta2**step) ** 0.5).add(epsilon)
            value = value * (1 - rate * decay) - m / root * (rate / (1 - beta1**step))
            out[f"{name}.gradient.{step}"] = gradient
            out[f"{name}.value.{step}"] = value.clone()
    return out


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    for file, make in (("quantized", quantized), ("loftq", loftq_matrices), ("adam8", adam8)):
        save_file({name: value.contiguous() for name, value in make().items()}, target / f"{file}.safetensors")
