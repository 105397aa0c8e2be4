"""Writes the golden files of libs/llm: what transformers and peft compute on two small random models.

    python3 -m venv .venv && .venv/bin/pip install torch transformers peft safetensors
    .venv/bin/python tools/golden/make_golden.py libs/llm/src/test/resources/golden

For each model: its files in Hugging Face layout; `golden.json` with logits, a masked loss and a LoRA trajectory of
20 steps (loss, gradient norm and rate of each); the adapter as it started (`start`) and ended (`end`).
"""

import json
import random
import sys
from pathlib import Path

import peft
import torch
import transformers

VOCABULARY = 64
STEPS = 20
BATCH = 3
PEAK_RATE = 5e-3
WARMUP = 4
WEIGHT_DECAY = 0.01
MAX_NORM = 1.0
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SHAPE = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
             rms_norm_eps=1e-6, initializer_range=0.3)


def models():
    qwen2 = transformers.Qwen2Config(tie_word_embeddings=True, **SHAPE)
    yield "qwen2", qwen2, transformers.Qwen2ForCausalLM
    scaling = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=32)
    llama = transformers.LlamaConfig(tie_word_embeddings=False, rope_parameters=scaling, **SHAPE)
    yield "llama", llama, transformers.LlamaForCausalLM


def randomise_vectors(model):
    """Biases and norms start at 0 and 1, which would hide mistakes."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            offset = 1.0 if "norm" in name else 0.0
            parameter.data = offset + 0.2 * torch.randn_like(parameter)


def rows(count):
    source = random.Random(5)
    return [dict(tokens=[source.randrange(VOCABULARY) for _ in range(source.randrange(9, 40))],
                 prompt=source.randrange(2, 6)) for _ in range(count)]


def padded(batch):
    width = max(len(row["tokens"]) for row in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for i, row in enumerate(batch):
        length = len(row["tokens"])
        ids[i, :length] = torch.tensor(row["tokens"])
        mask[i, :length] = 1
        labels[i, row["prompt"]:length] = ids[i, row["prompt"]:length]
    return dict(input_ids=ids, attention_mask=mask, labels=labels)


def trajectory(model, schedule, data):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=PEAK_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=WEIGHT_DECAY)
    scheduler = transformers.get_scheduler(schedule, optimizer, WARMUP, STEPS)
    steps = []
    for step in range(STEPS):
        first = step * BATCH % len(data)
        loss = model(**padded(data[first:first + BATCH])).loss
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, MAX_NORM)
        steps.append(dict(loss=loss.item(), norm=norm.item(), rate=scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    return steps


def write(target, name, config, kind):
    torch.manual_seed(11)
    model = kind(config).eval()
    randomise_vectors(model)
    model.save_pretrained(target / name)
    data = rows(4 * BATCH)
    with torch.no_grad():
        logits = model(torch.tensor([data[0]["tokens"]])).logits[0]
        loss = model(**padded(data[:BATCH])).loss.item()
    schedule = "linear" if name == "qwen2" else "cosine"
    spec = peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, lora_dropout=0.0, target_modules=MODULES,
                           use_rslora=name == "llama")
    adapted = peft.get_peft_model(model, spec)
    adapted.save_pretrained(target / name / "start")
    steps = trajectory(adapted.train(), schedule, data)
    adapted.save_pretrained(target / name / "end")
    golden = dict(
        origin=f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}",
        rows=data, batch=BATCH, logits=logits.tolist(), loss=loss, schedule=schedule, peakRate=PEAK_RATE,
        warmup=WARMUP, weightDecay=WEIGHT_DECAY, maxNorm=MAX_NORM, steps=steps)
    (target / name / "golden.json").write_text(json.dumps(golden))
    for readme in target.glob("*/*/README.md"):
        readme.unlink()


if __name__ == "__main__":
    for name, config, kind in models():
        write(Path(sys.argv[1]), name, config, kind)
