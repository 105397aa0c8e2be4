"""The peer of OverlayRun: the same steps by transformers + peft, the losses as one line of JSON.

It takes OverlayRun's arguments and reads what that wrote into `out`: the adapter at its start and the rows of each step.
`peer_overlay.py make=DIRECTORY [shape=small_135m]` writes a model of real shape with random weights for both to read.
"""
import json
import os
import sys

import torch
import transformers

import shapes

given = dict(argument.split("=", 1) for argument in sys.argv[1:])
device = shapes.device()
torch.manual_seed(3407)

if "make" in given:
    transformers.Qwen2ForCausalLM(shapes.config(given.get("shape", "small_135m"), 4096)).save_pretrained(given["make"])
    sys.exit()

import peft  # noqa: E402  (making a model needs none)

kind = shapes.TYPES[given.get("type", "f32")]
base = transformers.AutoModelForCausalLM.from_pretrained(
    given["model"], dtype=kind, attn_implementation="sdpa", use_cache=False).to(device)
if given.get("policy", "keep") != "keep":
    shapes.recompute(base)
tuned = peft.PeftModel.from_pretrained(base, os.path.join(given["out"], "start"), is_trainable=True).to(device).train()
parameters = [parameter for parameter in tuned.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=float(given.get("rate", "1e-3")), weight_decay=0.01)
losses = []
with open(os.path.join(given["out"], "rows.json")) as rows:
    for step in json.load(rows):
        tokens = torch.tensor(step, device=device)
        with torch.autocast(device, kind, enabled=kind != torch.float32):
            loss = tuned(input_ids=tokens, labels=tokens).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
print(json.dumps({"losses": losses}))
