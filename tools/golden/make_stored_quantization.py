"""Writes the golden files of checkpoints that were quantised before: as bitsandbytes and FP8 recipes store them.

    python3 -m venv .venv && .venv/bin/pip install torch transformers accelerate bitsandbytes safetensors
    .venv/bin/python tools/golden/make_stored_quantization.py libs/llm/src/test/resources/stored-quantization

For each form a directory with `config.json` and `model.safetensors`, which hold a few matrices in that form under names of
projections and a norm as it is; and `values.safetensors`, the matrices as bitsandbytes (`dequantize_4bit`,
`int8_vectorwise_dequant`) or the product of codes and scales give them. `model-nf4` and `model-int8` are whole models as
transformers saves them, the first with the scores of some tokens.
"""

import json
import sys
from pathlib import Path

import bitsandbytes.functional as bnb
import torch
import transformers
from safetensors.torch import save_file

BLOCK = 128


def matrices():
    torch.manual_seed(23)
    names = ("k_proj", "o_proj")
    return {f"model.layers.0.self_attn.{name}.weight": torch.randn(rows, 192) * 0.05
            for name, rows in zip(names, (64, 130))}


def four_bits(kind, double, dtype, storage=torch.uint8):
    stored, values = {}, {}
    for name, matrix in matrices().items():
        packed, state = bnb.quantize_4bit(matrix.to(dtype), blocksize=64, quant_type=kind, compress_statistics=double,
                                          quant_storage=storage)
        stored[name] = packed
        for key, value in state.as_dict(packed=True).items():
            stored[f"{name}.{key}"] = value
        values[name] = bnb.dequantize_4bit(packed, state)
    config = dict(quant_method="bitsandbytes", load_in_4bit=True, load_in_8bit=False, bnb_4bit_quant_type=kind,
                  bnb_4bit_use_double_quant=double, bnb_4bit_compute_dtype="bfloat16", bnb_4bit_quant_storage="uint8")
    return stored, values, config


def eight_bits():
    stored, values = {}, {}
    for name, matrix in matrices().items():
        codes, scales, _ = bnb.int8_vectorwise_quant(matrix.to(torch.float16))
        stored[name] = codes
        stored[name.removesuffix("weight") + "SCB"] = scales
        stored[name + "_format"] = torch.tensor(0, dtype=torch.uint8)
        values[name] = bnb.int8_vectorwise_dequant(codes, scales)
    return stored, values, dict(quant_method="bitsandbytes", load_in_4bit=False, load_in_8bit=True)


def float8(matrix, rows, columns):
    """Codes, scales of blocks, and their product in float32."""
    grid = [[matrix[r:r + rows, c:c + columns] for c in range(0, matrix.shape[1], columns)]
            for r in range(0, matrix.shape[0], rows)]
    scales = torch.stack([torch.stack([block.abs().max() / 448 for block in line]) for line in grid])
    wide = scales.repeat_interleave(rows, 0)[:matrix.shape[0]].repeat_interleave(columns, 1)[:, :matrix.shape[1]]
    codes = (matrix / wide).to(torch.float8_e4m3fn)
    return codes, scales, codes.float() * wide


def float8_model(rows, columns, key, config, dtype=torch.float32):
    stored, values = {}, {}
    for name, matrix in matrices().items():
        height, width = rows or matrix.shape[0], columns or matrix.shape[1]
        codes, scales, _ = float8(matrix, height, width)
        scales = scales.to(dtype)
        wide = scales.float().repeat_interleave(height, 0)[:matrix.shape[0]].repeat_interleave(width, 1)[:, :matrix.shape[1]]
        stored[name] = codes
        stored[name.removesuffix("weight") + key] = scales.reshape(()) if not rows and not columns else scales
        values[name] = codes.float() * wide
    stored["model.layers.0.self_attn.k_proj.input_scale"] = torch.tensor(0.5)
    return stored, values, config


def compressed(strategy, **more):
    weights = dict(num_bits=8, type="float", strategy=strategy, symmetric=True, dynamic=False, **more)
    return dict(quant_method="compressed-tensors", format="float-quantized", quantization_status="compressed",
                config_groups=dict(group_0=dict(targets=["Linear"], weights=weights)), ignore=["lm_head"])


def forms():
    yield "nf4", four_bits("nf4", False, torch.bfloat16)
    yield "nf4-double", four_bits("nf4", True, torch.bfloat16)
    yield "nf4-float16", four_bits("nf4", True, torch.float16)
    yield "nf4-storage", four_bits("nf4", True, torch.bfloat16, torch.bfloat16)
    yield "fp4-float32", four_bits("fp4", True, torch.float32)
    yield "int8", eight_bits()
    yield "fp8-block", float8_model(BLOCK, BLOCK, "weight_scale_inv", dict(
        quant_method="fp8", activation_scheme="dynamic", weight_block_size=[BLOCK, BLOCK]))
    yield "fp8-tensor", float8_model(None, None, "weight_scale_inv", dict(
        quant_method="fp8", activation_scheme="static", weight_block_size=None))
    yield "compressed-channel", float8_model(1, None, "weight_scale", compressed("channel"), torch.bfloat16)
    yield "compressed-tensor", float8_model(None, None, "weight_scale", compressed("tensor"))
    yield "compressed-block", float8_model(BLOCK, BLOCK, "weight_scale", compressed(
        "block", block_structure=[BLOCK, BLOCK]))


def model(target, name, **options):
    """A model of the other golden files, quantised and saved by transformers; its scores, and its matrices in float32."""
    source = target.parent / "golden" / "llama"
    quantized = transformers.AutoModelForCausalLM.from_pretrained(
        source, dtype=torch.float32, quantization_config=transformers.BitsAndBytesConfig(**options), device_map="cpu")
    quantized.save_pretrained(target / name)
    tokens = torch.arange(3, 19).reshape(1, -1)
    with torch.no_grad():
        save_file(dict(tokens=tokens, logits=quantized(tokens).logits.float()), target / name / "scores.safetensors")


def main(target):
    model(target, "model-nf4", load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
          bnb_4bit_compute_dtype=torch.float32)
    model(target, "model-int8", load_in_8bit=True)
    for name, (stored, values, config) in forms():
        directory = target / name
        directory.mkdir(parents=True, exist_ok=True)
        norm = torch.ones(192, dtype=torch.bfloat16)
        save_file({name: tensor.contiguous() for name, tensor in stored.items()} | {"model.norm.weight": norm},
                  directory / "model.safetensors")
        save_file({name: tensor.contiguous() for name, tensor in values.items()}, directory / "values.safetensors")
        (directory / "config.json").write_text(json.dumps(dict(quantization_config=config), indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
