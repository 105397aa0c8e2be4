"""The peer of StepBenchmark: one training step of transformers + peft, measured the same way.

The same shapes, LoRA with rank 16 on all seven projections, AdamW, random tokens that are all learned, the same
name=value arguments, and one line of JSON with the same names. Development only; needs torch, transformers and peft.
"""
import json
import os
import sys
import time

import peft
import torch
import transformers

import shapes

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

given = {
    "model": "small_135m", "batch": "2", "length": "128", "lengths": "", "policy": "keep", "type": "f32",
    "warmup": "2", "steps": "6",
}
for argument in sys.argv[1:]:
    name, _, value = argument.partition("=")
    if name not in given:
        sys.exit(f"'{argument}' is not one of {list(given)} with =value")
    given[name] = value
if given["policy"] not in ("keep", "recompute"):
    sys.exit("the peer keeps or recomputes; it has no policy " + given["policy"])

device, kind = shapes.device(), shapes.TYPES[given["type"]]
if "OMP_NUM_THREADS" in os.environ:
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(3407)


def model():
    config = shapes.config(given["model"], 131072, use_cache=False, attn_implementation="sdpa")
    torch.set_default_dtype(kind)
    with torch.device(device):
        base = transformers.Qwen2ForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    if given["policy"] == "recompute":
        shapes.recompute(base)
    lora = peft.LoraConfig(r=16, lora_alpha=16, lora_dropout=0.0, bias="none", target_modules=PROJECTIONS,
                           task_type="CAUSAL_LM")
    return peft.get_peft_model(base, lora).train()


def synchronize():
    if device == "cuda":
        torch.cuda.synchronize()


tuned = model()
parameters = [parameter for parameter in tuned.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=2e-4, weight_decay=0.01, fused=True)
lengths = [int(each) for each in given["lengths"].split(",") if each] or [int(given["length"])] * int(given["batch"])


def rows():
    """Random rows, padded to the longest as a data collator does; only where lengths differ is there a mask."""
    longest = max(lengths)
    tokens = torch.randint(0, tuned.config.vocab_size, (len(lengths), longest), device=device)
    if min(lengths) == longest:
        return {"input_ids": tokens, "labels": tokens}
    real = torch.arange(longest, device=device) < torch.tensor(lengths, device=device)[:, None]
    return {"input_ids": tokens, "attention_mask": real.long(), "labels": tokens.where(real, -100)}


def step():
    inputs = rows()
    synchronize()
    started = time.perf_counter()
    with torch.autocast(device, kind, enabled=given["type"] != "f32"):
        loss = tuned(**inputs).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    synchronize()
    return time.perf_counter() - started


for _ in range(int(given["warmup"])):
    step()
seconds = sorted(step() for _ in range(int(given["steps"])))
median = seconds[len(seconds) // 2]
print(json.dumps({
    **given,
    "device": torch.cuda.get_device_name() if device == "cuda" else f"CPU, {torch.get_num_threads()} threads",
    "peer": f"transformers {transformers.__version__}, peft {peft.__version__}, torch {torch.__version__}",
    "step_s": median, "min_s": seconds[0], "max_s": seconds[-1], "tokens_per_s": sum(lengths) / median,
    "taken_gib": torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else 0,
}))
