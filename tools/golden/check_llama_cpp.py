"""Asks llama.cpp for the log-probabilities of a GGUF file that GgufExport wrote, and compares with golden logits.

    .venv/bin/pip install xllamacpp numpy safetensors torch
    .venv/bin/python tools/golden/check_llama_cpp.py model.gguf golden.safetensors [adapter.gguf]

`golden.safetensors` has `tokens` and the `logits` behind each of them, as `make_gguf_golden.py` writes them. Prints the
largest difference over the whole vocabulary at a few places of the text. The key-value cache is float32 and attention
plain, so that what differs is the model; a file in F16 or Q8_0 also differs by how llama.cpp rounds activations.
"""

import sys

import numpy
import torch
import xllamacpp
from safetensors.numpy import load_file

SEEDS = 50


def server(model, adapters):
    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.n_ctx = 256
    parameters.n_parallel = 1
    parameters.n_gpu_layers = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.warmup = parameters.fit_params = False
    parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    infos = []
    for path in adapters:
        info = xllamacpp.CommonAdapterLoraInfo()
        info.path, info.scale = path, 1.0
        infos.append(info)
    if infos:
        parameters.lora_adapters = infos
    return xllamacpp.Server(parameters)


def log_probabilities(server, tokens, vocabulary):
    """By token. The answer has them only where the token drawn is whole text, hence several seeds."""
    for seed in range(SEEDS):
        answer = server.handle_completions(dict(
            prompt=[int(token) for token in tokens], n_predict=1, n_probs=vocabulary, temperature=1.0, seed=seed,
            cache_prompt=False, ignore_eos=True, samplers=[]))
        found = answer["choices"][0].get("logprobs")
        if found:
            return {entry["id"]: entry["logprob"] for entry in found["content"][0]["top_logprobs"]}
    raise SystemExit(f"no token of {SEEDS} was whole text")


def main():
    model, golden, *adapters = sys.argv[1:]
    reference = load_file(golden)
    expected = torch.log_softmax(torch.tensor(reference["logits"]).double(), -1).numpy()
    tokens = reference["tokens"]
    llama = server(model, adapters)
    for place in sorted({0, len(tokens) // 4, len(tokens) // 2, len(tokens) - 1}):
        found = log_probabilities(llama, tokens[:place + 1], expected.shape[1])
        difference = max(abs(value - expected[place][token]) for token, value in found.items())
        print(f"behind token {place}: {len(found)} tokens, largest difference {difference:.2e}")


main()
