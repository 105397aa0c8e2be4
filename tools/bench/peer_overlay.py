"""The peer of OverlayRun: the same steps by transformers + peft, the losses as one line of JSON.

It takes OverlayRun's arguments and reads what that wrote into `out`: the adapter at its start and the rows of each step.
`peer_overlay.py make=DIRECTORY [shape=small_135m]` writes a model of real shape with random weights for both to read.
"""
import json
import os
import sys

import torch
import transformers

SHAPES = {"tiny": (128, 352, 3, 4, 2, 4096), "small_135m": (576, 1536, 30, 9, 3, 49152),
          "qwen_1_5b": (1536, 8960, 28, 12, 2, 151936)}
TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}

given = dict(argument.split("=", 1) for argument in sys.argv[1:])
device = "cuda" if torch.cuda.is_available() and os.environ.get("LORICA_DEVICE") != "cpu" else "cpu"
torch.manual_seed(3407)

if "make" in given:
    hidden, intermediate, layers, heads, key_value_heads, vocabulary = SHAPES[given.get("shape", "small_135m")]
    transformers.Qwen2ForCausalLM(transformers.Qwen2Config(
        hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=key_value_heads, vocab_size=vocabulary, max_position_embeddings=4096, rope_theta=10000.0,
        rms_norm_eps=1e-6, tie_word_embeddings=False)).save_pretrained(given["make"])
    sys.exit()

import peft  # noqa: E402  (making a model needs none)

kind = TYPES[given.get("type", "f32")]
base = transformers.AutoModelForCausalLM.from_pretrained(
    given["model"], dtype=kind, attn_implementation="sdpa", use_cache=False).to(device)
if given.get("policy", "keep") != "keep":
    base.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    base.enable_input_require_grads()
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
