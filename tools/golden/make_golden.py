"""Writes the golden files of libs/llm: what transformers and peft compute on small random models.

    python3 -m venv .venv && .venv/bin/pip install torch transformers peft safetensors
    .venv/bin/python tools/golden/make_golden.py libs/llm/src/test/resources/golden [models] [adapters]

For each model: its files in Hugging Face layout; `golden.json` with rows, a masked loss, greedily generated tokens and a
LoRA trajectory of 20 steps (loss, gradient norm and rate of each); `golden.safetensors` with logits of one row and of
batches padded on either side, and the gradients of the first step; the adapter as it started (`start`) and ended
(`end`). Models whose weights are stored in bfloat16 are computed with in float32, and once more in bfloat16
(`bf16.…`), to tell how far that is off.
"""

import copy
import json
import random
import sys
from pathlib import Path

import peft
import torch
import transformers
from safetensors.torch import save_file

VOCABULARY = 64
STEPS = 20
BATCH = 3
NEW_TOKENS = 30
PEAK_RATE = 5e-3
WARMUP = 4
WEIGHT_DECAY = 0.01
MAX_NORM = 1.0
MODULES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SHAPE = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
             rms_norm_eps=1e-6, initializer_range=0.12)
LLAMA3 = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)
LINEAR = dict(rope_type="linear", rope_theta=10000.0, factor=4.0)
DYNAMIC = dict(rope_type="dynamic", rope_theta=10000.0, factor=4.0)
YARN = dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=32)


def models():
    """Name, configuration, class and the type in which the weights are stored."""
    t = transformers
    qwen2 = t.Qwen2Config(tie_word_embeddings=True, **SHAPE)
    llama = t.LlamaConfig(tie_word_embeddings=False, rope_parameters=LLAMA3, **SHAPE)
    qwen3 = t.Qwen3Config(tie_word_embeddings=True, head_dim=16, **SHAPE)
    mistral = t.MistralConfig(tie_word_embeddings=False, sliding_window=8, **SHAPE)
    for store, suffix in ((torch.float32, ""), (torch.bfloat16, "-bf16")):
        yield "qwen2" + suffix, qwen2, t.Qwen2ForCausalLM, store
        yield "llama" + suffix, llama, t.LlamaForCausalLM, store
        yield "qwen3" + suffix, qwen3, t.Qwen3ForCausalLM, store
        yield "mistral" + suffix, mistral, t.MistralForCausalLM, store
    linear = t.LlamaConfig(tie_word_embeddings=True, rope_parameters=LINEAR, attention_bias=True, mlp_bias=True,
                           **SHAPE)
    yield "llama-linear", linear, t.LlamaForCausalLM, torch.float32
    dynamic = t.LlamaConfig(tie_word_embeddings=False, rope_parameters=DYNAMIC,
                            **SHAPE | dict(max_position_embeddings=16))
    yield "llama-dynamic", dynamic, t.LlamaForCausalLM, torch.float32
    yarn = t.Qwen2Config(tie_word_embeddings=False, rope_parameters=YARN, use_sliding_window=True, sliding_window=6,
                         max_window_layers=1, **SHAPE | dict(max_position_embeddings=32))
    yield "qwen2-yarn", yarn, t.Qwen2ForCausalLM, torch.float32


def randomise_vectors(model):
    """Biases and norms start at 0 and 1, which would hide mistakes."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            offset = 1.0 if "norm" in name else 0.0
            parameter.data = offset + 0.2 * torch.randn_like(parameter)


def forget_length(model):
    """Dynamic scaling in transformers depends on the calls before; here each call stands for itself."""
    for module in model.modules():
        if getattr(module, "rope_type", None) == "dynamic":
            module.max_seq_len_cached = module.original_max_seq_len
            module.register_buffer("inv_freq", module.original_inv_freq, persistent=False)


def rows(count):
    source = random.Random(5)
    return [dict(tokens=[source.randrange(VOCABULARY) for _ in range(source.randrange(9, 40))],
                 prompt=source.randrange(2, 6)) for _ in range(count)]


def padded(batch, left=False):
    width = max(len(row["tokens"]) for row in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for i, row in enumerate(batch):
        length = len(row["tokens"])
        start = width - length if left else 0
        ids[i, start:start + length] = torch.tensor(row["tokens"])
        mask[i, start:start + length] = 1
        labels[i, start + row["prompt"]:start + length] = torch.tensor(row["tokens"][row["prompt"]:])
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    return dict(input_ids=ids, attention_mask=mask, position_ids=positions, labels=labels)


def logits_of_padded(model, batch, left):
    """The logits of the rows' own tokens, row after row."""
    forget_length(model)
    inputs = padded(batch, left)
    return model(**inputs).logits[inputs["attention_mask"].bool()]


def masked_loss(model, batch):
    forget_length(model)
    return model(**padded(batch)).loss


def saved_name(name):
    """A parameter's name in the file that peft writes."""
    return (name.replace(".default", "").replace(".modules_to_save", "")
            .replace("magnitude_vector.weight", "magnitude_vector"))


def adapter_gradients(model, batch, prefix):
    model.zero_grad()
    masked_loss(model, batch).backward()
    gradients = {prefix + saved_name(name): parameter.grad.float().clone()
                 for name, parameter in model.named_parameters() if parameter.requires_grad}
    model.zero_grad()
    return gradients


def trajectory(model, schedule, data, ratio=1):
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    parameters = [p for _, p in named]
    groups = [dict(params=[p for n, p in named if "lora_B" not in n], lr=PEAK_RATE),
              dict(params=[p for n, p in named if "lora_B" in n], lr=PEAK_RATE * ratio)]
    optimizer = torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=WEIGHT_DECAY)
    scheduler = transformers.get_scheduler(schedule, optimizer, WARMUP, STEPS)
    steps = []
    for step in range(STEPS):
        first = step * BATCH % len(data)
        loss = masked_loss(model, data[first:first + BATCH])
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, MAX_NORM)
        steps.append(dict(loss=loss.item(), norm=norm.item(), rate=scheduler.get_last_lr()[0]))
        optimizer.step()
        scheduler.step()
    return steps


def generated(model, prompt):
    forget_length(model)
    ids = torch.tensor([prompt])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW_TOKENS,
                         min_new_tokens=NEW_TOKENS, pad_token_id=0)
    return out[0, len(prompt):].tolist()


def forward_tensors(model, data, prefix=""):
    forget_length(model)
    return {prefix + "logits": model(torch.tensor([data[0]["tokens"]])).logits[0].float(),
            prefix + "logits.left": logits_of_padded(model, data[:BATCH], True).float(),
            prefix + "logits.right": logits_of_padded(model, data[:BATCH], False).float()}


def write(target, name, config, kind, store):
    torch.manual_seed(11)
    config = copy.deepcopy(config)
    config.eos_token_id = None
    model = kind(config).eval()
    randomise_vectors(model)
    model.to(store).save_pretrained(target / name)
    (target / name / "generation_config.json").unlink(missing_ok=True)
    # Read again: `to` and `float` would have rounded the rotary frequencies too.
    model = kind.from_pretrained(target / name, dtype=torch.float32).eval()
    data = rows(4 * BATCH)
    facts = {}
    with torch.no_grad():
        tensors = forward_tensors(model, data)
        loss = masked_loss(model, data[:BATCH]).item()
        tokens = generated(model, data[0]["tokens"][:9])
        if store == torch.bfloat16:
            short = kind.from_pretrained(target / name, dtype=store).eval()
            tensors |= forward_tensors(short, data, "bf16.")
            facts["bf16Loss"] = masked_loss(short, data[:BATCH]).item()
    schedule = "linear" if name.startswith("qwen2") else "cosine"
    # Not the usual start, whose B of zeros leaves A without gradients; a small scale, for a large one would let twenty
    # steps of Adam amplify the rounding of both sides.
    spec = peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=2, lora_dropout=0.0, target_modules=MODULES,
                           use_rslora=name.startswith("llama"), init_lora_weights=False)
    adapted = peft.get_peft_model(model, spec)
    adapted.save_pretrained(target / name / "start")
    tensors |= adapter_gradients(adapted, data[:BATCH], "gradient.")
    if store == torch.bfloat16:
        base = kind.from_pretrained(target / name, dtype=store).eval()
        short = peft.PeftModel.from_pretrained(base, target / name / "start", is_trainable=True)
        tensors |= adapter_gradients(short, data[:BATCH], "bf16.gradient.")
    steps = trajectory(adapted.train(), schedule, data)
    adapted.save_pretrained(target / name / "end")
    save_file({key: value.contiguous() for key, value in tensors.items()}, target / name / "golden.safetensors")
    golden = dict(
        origin=f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}",
        rows=data, batch=BATCH, loss=loss, generated=tokens, schedule=schedule, peakRate=PEAK_RATE,
        warmup=WARMUP, weightDecay=WEIGHT_DECAY, maxNorm=MAX_NORM, steps=steps, **facts)
    (target / name / "golden.json").write_text(json.dumps(golden))
    for readme in target.glob("*/*/README.md"):
        readme.unlink()


def variants():
    """Adapters beyond plain LoRA: name, the model below, arguments of peft and LoRA+'s ratio."""
    yield "peft-dora", "qwen2", dict(target_modules=MODULES, use_dora=True), 1
    yield "peft-dora-rslora", "qwen2", dict(target_modules=["q_proj", "down_proj"], use_dora=True, use_rslora=True), 1
    yield "peft-patterns", "qwen2", dict(target_modules=MODULES, use_rslora=True,
                                         rank_pattern={"q_proj": 8, r"layers\.1\.mlp\.(up|down)_proj": 2},
                                         alpha_pattern={"k_proj": 3, "mlp.gate_proj": 1}), 1
    yield "peft-layers", "qwen2", dict(target_modules=["q_proj", "v_proj"], layers_to_transform=[1]), 1
    yield "peft-regex", "qwen2", dict(target_modules=r".*\.(self_attn\.[qk]_proj|mlp\.up_proj)"), 1
    yield "peft-paths", "qwen2", dict(target_modules=["self_attn.o_proj", "1.mlp.gate_proj"]), 1
    yield "peft-paths-layers", "qwen2", dict(target_modules=["self_attn.o_proj", "up_proj"], layers_to_transform=[0]), 1
    yield "peft-exclude", "qwen2", dict(target_modules=MODULES, exclude_modules=["k_proj", "1.mlp.up_proj"]), 1
    yield "peft-all-linear", "qwen2", dict(target_modules="all-linear"), 1
    yield "peft-loraplus", "qwen2", dict(target_modules=MODULES), 4
    yield "peft-gaussian", "qwen2", dict(target_modules=MODULES, init_lora_weights="gaussian"), 1
    # llama-linear has a bias at every projection, so some are trained beside no adapter.
    yield "peft-bias-all", "llama-linear", dict(target_modules=["q_proj", "up_proj"], bias="all"), 1
    yield "peft-bias-lora-only", "qwen2", dict(target_modules=["k_proj", "o_proj"], bias="lora_only"), 1
    yield "peft-bias-dora", "qwen2", dict(target_modules=MODULES, use_dora=True, bias="lora_only"), 1
    yield "peft-modules", "qwen2-yarn", dict(target_modules=MODULES, modules_to_save=["lm_head", "embed_tokens"]), 1
    # The head of a tied model becomes a copy of its own; names match the ends of paths, so that `norm` is every norm.
    yield "peft-modules-tied", "qwen3", dict(target_modules=["v_proj"], modules_to_save=["lm_head", "norm"]), 1
    yield "peft-modules-embedding", "qwen2", dict(target_modules=["v_proj"], modules_to_save=["embed_tokens"]), 1


def write_variant(target, name, base, arguments, ratio):
    torch.manual_seed(13)
    data = rows(4 * BATCH)
    spec = peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=2, **dict(init_lora_weights=False) | arguments)
    adapted = peft.get_peft_model(model_of(target, base), spec)
    adapted.save_pretrained(target / name / "start")
    tensors = adapter_gradients(adapted, data[:BATCH], "gradient.")
    steps = trajectory(adapted.train(), "linear", data, ratio)
    adapted.save_pretrained(target / name / "end")
    write_adapter_facts(target / name, base, data, steps, ratio, tensors, adapted)


def pissa_variants():
    """Adapters that start from the base's singular vectors: name and arguments of peft."""
    yield "pissa", dict(target_modules=MODULES)
    yield "pissa-rslora", dict(target_modules=["q_proj", "down_proj"], use_rslora=True)
    yield "pissa-patterns", dict(target_modules=MODULES, rank_pattern={"q_proj": 8}, alpha_pattern={"k_proj": 3})


def write_pissa(target, name, arguments):
    """`start` and `end` stand on the base without its principal part; `converted` on the base itself. peft turns the
    start's configuration into that of an ordinary adapter on the way."""
    torch.manual_seed(13)
    data = rows(4 * BATCH)
    # A scale of 1: the start is as large as the weights whatever the scale, and so are the steps of Adam.
    alpha = 2 if arguments.get("use_rslora") else 4
    spec = peft.LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=alpha, init_lora_weights="pissa", **arguments)
    adapted = peft.get_peft_model(model_of(target, "qwen2"), spec)
    adapted.save_pretrained(target / name / "start")
    tensors = adapter_gradients(adapted, data[:BATCH], "gradient.")
    steps = trajectory(adapted.train(), "linear", data)
    adapted.save_pretrained(target / name / "end")
    adapted.save_pretrained(target / name / "converted",
                            path_initial_model_for_weight_conversion=str(target / name / "start"))
    write_adapter_facts(target / name, "qwen2", data, steps, 1, tensors, adapted)


def model_of(target, base):
    return transformers.AutoModelForCausalLM.from_pretrained(target / base, dtype=torch.float32)


def write_adapter_facts(target, base, data, steps, ratio, tensors, adapted):
    """Also what the trained adapter says about the first row."""
    with torch.no_grad():
        tensors["logits"] = adapted.eval()(torch.tensor([data[0]["tokens"]])).logits[0]
    save_file({key: value.contiguous() for key, value in tensors.items()}, target / "golden.safetensors")
    golden = dict(
        origin=f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}",
        base=base, rows=data, batch=BATCH, schedule="linear", peakRate=PEAK_RATE, ratioOfB=ratio,
        warmup=WARMUP, weightDecay=WEIGHT_DECAY, maxNorm=MAX_NORM, steps=steps)
    (target / "golden.json").write_text(json.dumps(golden))
    for readme in target.glob("*/README.md"):
        readme.unlink()


def main(target, kinds):
    if "models" in kinds:
        for model in models():
            write(target, *model)
    if "adapters" in kinds:
        for variant in variants():
            write_variant(target, *variant)
        for variant in pissa_variants():
            write_pissa(target, *variant)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or ["models", "adapters"])
