"""What both peers share: the shapes that RandomModel knows, types by name, and a Qwen2 of such a shape."""
import os

import torch
import transformers

SHAPES = {
    "qwen_1_5b": (1536, 8960, 28, 12, 2, 151936),
    "qwen_7b": (3584, 18944, 28, 28, 4, 152064),
    "small_135m": (576, 1536, 30, 9, 3, 49152),
    "tiny": (128, 352, 3, 4, 2, 4096),
}
TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}


def device():
    return "cuda" if torch.cuda.is_available() and os.environ.get("LORICA_DEVICE") != "cpu" else "cpu"


def config(shape, positions, **more):
    hidden, intermediate, layers, heads, key_value_heads, vocabulary = SHAPES[shape]
    return transformers.Qwen2Config(
        hidden_size=hidden, intermediate_size=intermediate, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=key_value_heads, vocab_size=vocabulary, max_position_embeddings=positions,
        rope_theta=10000.0, rms_norm_eps=1e-6, tie_word_embeddings=False, **more)


def recompute(base):
    base.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    base.enable_input_require_grads()
