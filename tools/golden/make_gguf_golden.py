"""Writes the GGUF golden files of libs/gguf and libs/llm: what Python's gguf, transformers, tokenizers and sentencepiece make of them.

    python3 -m venv .venv && .venv/bin/pip install torch transformers gguf safetensors sentencepiece
    .venv/bin/python tools/golden/make_gguf_golden.py libs/gguf/src/test/resources/gguf libs/llm/src/test/resources/gguf

In the first folder, `blocks.gguf` has random blocks of each tensor type, and `blocks.safetensors` their values after
gguf's own dequantisation. The second one has whole models and vocabularies:
`qwen2`, `llama` and `qwen3` are a small model each, in Hugging Face layout and as GGUF of several tensor types, from the
same numbers; `golden.safetensors` beside them has the logits that transformers computes for `tokens`. `k-quants.gguf` is
a Llama of random blocks of 256, with the logits of transformers' reading. `vocab-*.gguf` are vocabularies, and
`tokens.json` has the token ids of tricky texts, from the tokenizer that a model's own `tokenizer.json` describes.
"""

import io
import json
import random
import sys
from pathlib import Path

import gguf
import numpy
import sentencepiece
import tokenizers
import torch
import transformers
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import save_file
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|", 1)
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
          r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
CONTROL = ["<|begin|>", "<|end|>", "<|user|>"]
USER_DEFINED = ["<think>", "</think>"]
TEXTS = [
    "",
    " ",
    "Hello, world!",
    "  two spaces before, two after  ",
    "It's what they'll say; I'VE heard she'd gone, we're late and I'm sure.",
    "1 22 333 4444 55555 3.14159 1,000,000 0x1F 2026-11-25",
    "tab\tnewline\n\n\nreturn\r\nend   \n  x",
    "def f(x: int) -> int:\n    return x ** 2  # squared\n",
    "你好，世界！这是一个测试。患者主诉：头痛三天。",
    "日本語のテキスト、カタカナ。한국어 텍스트.",
    "😀👩‍🚀🇩🇪 emoji é vs é Ångström ﬁ",
    "Привет мир, γειά σου Κόσμε, שלום עולם, مرحبا",
    "<think>\nFirst, 2+2=4.\n</think>\nThe answer is 4.<|end|>",
    "<|user|>Why?<|end|><|user|>",
    "a<|begin|>b <|user|> c",
    "a" * 70,
    "!!! ... --- ??? :-) $100 <=> ^^ ~~ ||",
    "mixedCASEWords snake_case kebab-case URL: https://example.org/a?b=c#d",
    "½ ² Ⅷ ٣ ๓ non\u00a0breaking \u200bzero",
]
SHAPE = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=256, rms_norm_eps=1e-5, initializer_range=0.12)


def random_blocks(kind, rows, columns, source, largest_scale=0.004):
    """Random bytes, with float16 scales of sensible size where the type has some."""
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = numpy.frombuffer(source.randbytes(rows * columns // elements * size), dtype=numpy.uint8)
    blocks = blocks.reshape(-1, size).copy()
    places = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0],
              Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208]}[kind]
    for place in places:
        scales = numpy.array([source.uniform(-largest_scale, largest_scale) for _ in blocks], dtype=numpy.float16)
        blocks[:, place:place + 2] = scales.view(numpy.uint8).reshape(-1, 2)
    return blocks.reshape(rows, -1)


def write_blocks(target):
    source = random.Random(1)
    writer = gguf.GGUFWriter(target / "blocks.gguf", "llama")
    metadata_of_every_type(writer)
    expected = {}
    values = numpy.array([[source.gauss(0, 1) for _ in range(512)] for _ in range(3)], dtype=numpy.float32)
    for kind in (Type.F32, Type.F16, Type.BF16):
        stored = values if kind == Type.F32 else gguf.quantize(values, kind)
        writer.add_tensor(kind.name, stored, raw_dtype=kind)
        expected[kind.name] = gguf.dequantize(stored, kind)
    for kind in (Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.Q4_K, Type.Q5_K, Type.Q6_K):
        blocks = random_blocks(kind, 3, 512, source)
        writer.add_tensor(kind.name, blocks, raw_dtype=kind)
        expected[kind.name] = gguf.dequantize(blocks, kind)
    finish(writer)
    save_file(expected, target / "blocks.safetensors")


def metadata_of_every_type(writer):
    writer.add_uint8("test.u8", 200)
    writer.add_int8("test.i8", -100)
    writer.add_uint16("test.u16", 60_000)
    writer.add_int16("test.i16", -30_000)
    writer.add_uint32("test.u32", 4_000_000_000)
    writer.add_int32("test.i32", -2_000_000_000)
    writer.add_uint64("test.u64", 1 << 40)
    writer.add_int64("test.i64", -(1 << 40))
    writer.add_float32("test.f32", 1e-5)
    writer.add_float64("test.f64", 1e-5)
    writer.add_bool("test.yes", True)
    writer.add_string("test.text", "Grüße, 世界")
    writer.add_array("test.numbers", [1, 2, 3])
    writer.add_array("test.texts", ["a", "", "ü"])


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def train(normalizer, pre_tokenizer, ignore_merges=False, bos=False):
    tokenizer = tokenizers.Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=480, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
                                  show_progress=False)
    tokenizer.train_from_iterator(TEXTS * 3, trainer)
    tokenizer.add_special_tokens([tokenizers.AddedToken(text, special=True, normalized=False) for text in CONTROL])
    tokenizer.add_tokens([tokenizers.AddedToken(text, special=False, normalized=False) for text in USER_DEFINED])
    if bos:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<|begin|> $A", special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))])
    return tokenizer


def split(expression):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(tokenizers.Regex(expression), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def tokenizers_by_name():
    """As the tokenizer.json files of Qwen2.5, DeepSeek-R1-Distill, Llama 3, SmolLM2, GPT-2 and Mistral-Nemo have it."""
    yield "qwen2", train(normalizers.NFC(), split(QWEN2)), None
    yield "deepseek-r1-qwen", train(normalizers.NFC(), split(QWEN2), bos=True), True
    yield "llama-bpe", train(None, split(LLAMA3), ignore_merges=True, bos=True), None
    yield "smollm", train(None, pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])), False
    yield "gpt-2", train(None, pre_tokenizers.ByteLevel(add_prefix_space=False)), None
    yield "tekken", train(None, split(TEKKEN), ignore_merges=True, bos=True), None


def add_vocabulary(writer, pre, tokenizer, add_bos):
    size = tokenizer.get_vocab_size()
    tokens = [tokenizer.id_to_token(i) for i in range(size)]
    kinds = [gguf.TokenType.CONTROL if t in CONTROL else gguf.TokenType.USER_DEFINED if t in USER_DEFINED
             else gguf.TokenType.NORMAL for t in tokens]
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(merge) for merge in merges])
    writer.add_bos_token_id(tokens.index("<|begin|>"))
    writer.add_eos_token_id(tokens.index("<|end|>"))
    writer.add_pad_token_id(tokens.index("<|end|>"))
    if add_bos is not None:
        writer.add_add_bos_token(add_bos)
    writer.add_chat_template("{% for m in messages %}<|user|>{{ m['content'] }}{% endfor %}{{ eos_token }}")


def write_vocabularies(target):
    ids = {}
    for pre, tokenizer, add_bos in tokenizers_by_name():
        writer = gguf.GGUFWriter(target / f"vocab-{pre}.gguf", "llama")
        add_vocabulary(writer, pre, tokenizer, add_bos)
        finish(writer)
        ids[pre] = [tokenizer.encode(text).ids for text in TEXTS]
    ids["sentencepiece"] = write_sentencepiece(target)
    (target / "tokens.json").write_text(json.dumps(dict(texts=TEXTS, ids=ids)))


def write_sentencepiece(target):
    """A vocabulary of the kind of Llama 2; the ids are SentencePiece's own."""
    stream = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([t.replace("\n", " ") for t in TEXTS if t.strip()] * 3), model_writer=stream,
        model_type="bpe", vocab_size=620, byte_fallback=True, character_coverage=0.98, split_digits=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=True,
        allow_whitespace_only_pieces=True, minloglevel=2)
    model = sentencepiece.SentencePieceProcessor(model_proto=stream.getvalue())
    writer = gguf.GGUFWriter(target / "vocab-sentencepiece.gguf", "llama")
    size = model.get_piece_size()
    kinds = [gguf.TokenType.UNKNOWN if model.is_unknown(i) else gguf.TokenType.CONTROL if model.is_control(i)
             else gguf.TokenType.BYTE if model.is_byte(i) else gguf.TokenType.NORMAL for i in range(size)]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([model.id_to_piece(i) for i in range(size)])
    writer.add_token_scores([model.get_score(i) for i in range(size)])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(model.bos_id())
    writer.add_eos_token_id(model.eos_id())
    writer.add_unk_token_id(model.unk_id())
    finish(writer)
    return [[model.bos_id()] + model.encode(text) for text in TEXTS]


def small_models(vocabulary):
    t = transformers
    shape = dict(vocab_size=vocabulary, **SHAPE)
    llama3 = dict(rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                  original_max_position_embeddings=64)
    yield "qwen2", t.Qwen2ForCausalLM(t.Qwen2Config(tie_word_embeddings=True, **shape)), "qwen2", Type.Q8_0
    yield "llama", t.LlamaForCausalLM(t.LlamaConfig(tie_word_embeddings=False, attention_bias=True,
                                                    rope_parameters=llama3, **shape)), "llama", Type.Q4_1
    yield "qwen3", t.Qwen3ForCausalLM(t.Qwen3Config(tie_word_embeddings=True, head_dim=32, **shape)), "qwen3", Type.BF16


def permuted(values, heads):
    """The order in which llama.cpp's converter stores rows of queries and keys of the llama architecture."""
    return values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:]).swapaxes(1, 2) \
        .reshape(values.shape)


def gguf_names(architecture, layers):
    return gguf.get_tensor_name_map(
        {"llama": gguf.MODEL_ARCH.LLAMA, "qwen2": gguf.MODEL_ARCH.QWEN2, "qwen3": gguf.MODEL_ARCH.QWEN3}[architecture],
        layers)


def add_shape(writer, config):
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_rope_dimension_count(head)
    writer.add_key_length(head)
    writer.add_value_length(head)


def rope_factors(config):
    """What llama.cpp's converter makes of Llama 3's rule: a divisor for each frequency."""
    rope = config.rope_parameters
    head = config.hidden_size // config.num_attention_heads
    frequencies = 1.0 / rope["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float32) / head)
    factors = []
    for frequency in frequencies.tolist():
        turns = rope["original_max_position_embeddings"] * frequency / (2 * numpy.pi)
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        smooth = min(1.0, max(0.0, (turns - low) / (high - low)))
        factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return numpy.array(factors, dtype=numpy.float32)


def write_models(target):
    tokenizer = train(normalizers.NFC(), split(QWEN2))
    for name, model, architecture, kind in small_models(tokenizer.get_vocab_size()):
        randomise_vectors(model)
        path = target / name
        path.mkdir(exist_ok=True)
        names = gguf_names(architecture, model.config.num_hidden_layers)
        writer = gguf.GGUFWriter(path / f"{name}.gguf", architecture)
        add_shape(writer, model.config)
        add_vocabulary(writer, "qwen2", tokenizer, False)
        if model.config.rope_parameters.get("rope_type") == "llama3":
            writer.add_tensor("rope_freqs.weight", rope_factors(model.config))
        for tensor, parameter in model.named_parameters():
            add_parameter(writer, names, architecture, model.config, tensor, parameter, kind)
        finish(writer)
        layout = path / "layout"
        model.save_pretrained(layout)
        tokenizer.save(str(layout / "tokenizer.json"))
        (layout / "tokenizer_config.json").write_text(json.dumps(dict(eos_token="<|end|>", bos_token="<|begin|>")))
        save_logits(path / "golden.safetensors", model)


def add_parameter(writer, names, architecture, config, tensor, parameter, kind):
    """Stores a parameter and gives it the value that it has when it is read back."""
    stem, suffix = tensor.rsplit(".", 1)
    values = parameter.detach().numpy()
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(stem.split(".")[-1])
    rotated = architecture == "llama" and heads is not None
    stored = permuted(values, heads) if rotated else values
    if values.ndim == 1:
        kind = Type.F32
    elif values.shape[-1] % gguf.GGML_QUANT_SIZES[kind][0] or "embed" in stem:
        kind = Type.F16
    blocks = stored if kind == Type.F32 else gguf.quantize(stored, kind)
    writer.add_tensor(names.get_name(stem) + "." + suffix, blocks, raw_dtype=kind)
    read = gguf.dequantize(blocks, kind)
    if rotated:
        read = read.reshape(heads, -1, 2, *read.shape[1:]).swapaxes(1, 2).reshape(read.shape)
    parameter.data = torch.from_numpy(read.copy())


def randomise_vectors(model):
    """Biases and norms start at 0 and 1, which would hide mistakes."""
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            offset = 1.0 if "norm" in name else 0.0
            parameter.data = offset + 0.2 * torch.randn_like(parameter)


def save_logits(path, model):
    tokens = torch.tensor([[random.randrange(model.config.vocab_size) for _ in range(23)]])
    with torch.no_grad():
        logits = model.eval()(tokens).logits[0]
    save_file(dict(tokens=tokens[0].numpy(), logits=logits.numpy()), path)


def write_k_quants(target):
    """A Llama of blocks of 256, whose reference is transformers' own reading of the file."""
    source = random.Random(2)
    config = transformers.LlamaConfig(
        vocab_size=485, hidden_size=256, intermediate_size=256, num_hidden_layers=1, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, tie_word_embeddings=False)
    file = target / "k-quants.gguf"
    writer = gguf.GGUFWriter(file, "llama")
    add_shape(writer, config)
    tokenizer = train(None, split(LLAMA3), ignore_merges=True, bos=True)
    add_vocabulary(writer, "llama-bpe", tokenizer, True)
    vocabulary = tokenizer.get_vocab_size()
    shapes = {"token_embd": (vocabulary, Type.Q6_K), "output": (vocabulary, Type.Q6_K), "blk.0.attn_q": (256, Type.Q4_K),
              "blk.0.attn_k": (128, Type.Q4_K), "blk.0.attn_v": (128, Type.Q6_K), "blk.0.attn_output": (256, Type.Q5_K),
              "blk.0.ffn_gate": (256, Type.Q4_K), "blk.0.ffn_up": (256, Type.Q5_K), "blk.0.ffn_down": (256, Type.Q6_K)}
    for name, (rows, kind) in shapes.items():
        writer.add_tensor(name + ".weight", random_blocks(kind, rows, 256, source, 0.0002), raw_dtype=kind)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        values = numpy.array([source.gauss(1, 0.2) for _ in range(256)], dtype=numpy.float32)
        writer.add_tensor(name + ".weight", values)
    finish(writer)
    model = transformers.AutoModelForCausalLM.from_pretrained(target, gguf_file=file.name, dtype=torch.float32)
    save_logits(target / "k-quants.safetensors", model)


def main():
    blocks, target = (Path(folder) for folder in sys.argv[1:])
    blocks.mkdir(parents=True, exist_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(7)
    random.seed(7)
    write_blocks(blocks)
    write_vocabularies(target)
    write_models(target)
    write_k_quants(target)


main()
