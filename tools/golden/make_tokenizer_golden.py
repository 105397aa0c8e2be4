"""Writes the golden tokens of libs/llm: what transformers' fast tokenizers make of tricky texts.

    python3 -m venv .venv && .venv/bin/pip install transformers tokenizers
    .venv/bin/python tools/golden/make_tokenizer_golden.py libs/llm/src/test/resources/tokenizers

For each family a small byte-level BPE with that family's normalizer, pre-tokenisation, added tokens and post-processor, in
Hugging Face layout; and `golden.json` with the ids of each text, with and without special tokens around it, and the
text of the ids, with and without special tokens in it.
"""

import json
import random
import sys
from pathlib import Path

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers, processors, trainers

# The expressions of the families' own tokenizer.json.
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
         r"|\s+(?!\S)|\s+")
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")

CORPUS = [
    "The quick brown fox jumps over the lazy dog. It's what we've said, and they'll say: 12345 times, won't they?",
    "患者男，65岁，突发胸痛两小时，伴大汗。最可能的诊断是急性心肌梗死，请说明理由。",
    "def f(x):\n    return x ** 2  # squares\n\n\tif x == 10:\r\n        print('ten')\n",
    "<think>\nFirst, then, therefore. 首先，然后，因此。\n</think>\n\nThe answer is 42. 答案是 42。",
    "Größe, naïve café, Москва, العربية, हिन्दी, 日本語のテキスト, 한국어 문장, 🙂👩‍👩‍👧‍👦🏳️‍🌈",
]

TEXTS = [
    "", " ", "  ", "   ", "\n", "\n\n", " \n", "\n ", "\t", "\r\n", "\r\n\r\n", " \r\n  x", "a", " a", "a ", "  a  b   c    ",
    "Hello, world!", "hello world", "HELLO WORLD", "It's, it'S, IT'S, we'Ve, they'LL, 'd 'x 'tis", "don’t", "a'b'c''d",
    "1", "12", "123", "1234", "1234567890", "3.14159", "1,000,000", "a1b2c3", "１２３", "x²", "½ ⅷ",
    "患者男，65岁，突发胸痛。", "你好 世界", "急性心肌梗死", "。，！？；：", "中文English混合text",
    "caf\u00e9", "cafe\u0301", "\u1100\u1161", "A\u030a", "\ufb01", "ﬀ", "\u00a0", "a\u00a0b", "a\u2003b", "a\u2028b\u2029c",
    "a\u200bb", "\ufeffx", "a\u0000b", "\u0001\u0002\u007f", "\u00ad", "\u202eabc",
    "🙂", "🙂🙂", " 🙂 ", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇨🇳", "𝕳𝖊𝖑𝖑𝖔", "𠮷野家",
    "Москва", "العربية مرحبا", "हिन्दी", "日本語のテキスト", "한국어", "ไทย", "ß ẞ",
    "!!!", "?!?!", "... --- ...", "a.b,c;d", "(x)[y]{z}", "a\\b", "`code`", "$x$", "~!@#$%^&*()_+-=", "—–‘’“”",
    "x\n\n\ny", "x \n \n y", "\n\n  indented\n\tTab", "trailing   ", "trailing\n", "   leading", "    return x", "a  \n",
    "{{ x }}{% y %}", "http://example.org/a?b=c&d=e#f", "user@example.org", "snake_case camelCase kebab-case",
    "<think>", "</think>", "<think>x</think>", " <think> ", "<think", "think>", "<<think>>", "<think>\n\n</think>\n\n",
    "a<think>b</think>c", "<tool_call>{\"a\": 1}</tool_call>", "word".join([""] * 30), "ab" * 100,
]


def special(text):
    return AddedToken(text, special=True, normalized=False)


def plain(text):
    return AddedToken(text, special=False, normalized=False)


def families():
    """Name, tokenizer without vocabulary, pre-tokenizer, special and plain added tokens, bos, and the configuration."""
    def split(pattern):
        return pre_tokenizers.Sequence([
            pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False)])

    think = ["<think>", "</think>", "<tool_call>", "</tool_call>"]
    yield ("qwen2", dict(), split(QWEN2), normalizers.NFC(), ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], think, None,
           dict(eos_token="<|im_end|>", pad_token="<|endoftext|>", add_bos_token=False))
    yield ("llama3", dict(ignore_merges=True), split(LLAMA3), None,
           ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"], [],
           "<|begin_of_text|>", dict(bos_token="<|begin_of_text|>", eos_token="<|eot_id|>"))
    yield ("deepseek-r1", dict(), split(QWEN2), normalizers.NFC(),
           ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"], ["<｜User｜>", "<｜Assistant｜>", *think],
           "<｜begin▁of▁sentence｜>",
           dict(bos_token="<｜begin▁of▁sentence｜>", eos_token="<｜end▁of▁sentence｜>", pad_token="<｜end▁of▁sentence｜>",
                add_bos_token=True, add_eos_token=False))
    smollm = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(False)])
    yield ("smollm2", dict(), smollm, None, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], [], None,
           dict(bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>", unk_token="<|endoftext|>"))


def build(options, pre_tokenizer, normalizer, specials, plains, bos):
    tokenizer = tokenizers.Tokenizer(models.BPE(**options))
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(vocab_size=560, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens([special(text) for text in specials] + [plain(text) for text in plains])
    if bos:
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single=f"{bos} $A", pair=f"{bos} $A {bos} $B",
                                          special_tokens=[(bos, tokenizer.token_to_id(bos))])])
    return tokenizer


def golden(directory, specials):
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    texts = TEXTS + [f"{s}x {s}{s}\n{s[:-1]}" for s in specials]
    rows = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False)
        rows.append(dict(text=text, ids=ids, sequence=tokenizer.encode(text), **decoded(tokenizer, ids)))
    source = random.Random(7)
    scattered = [[source.randrange(len(tokenizer)) for _ in range(12)] for _ in range(40)]
    return dict(eos=tokenizer.eos_token_id, bos=tokenizer.bos_token_id, rows=rows,
                scattered=[dict(ids=ids, **decoded(tokenizer, ids)) for ids in scattered])


def decoded(tokenizer, ids):
    # Cleaning up spaces is for tokenizers of words; it would change what a byte-level model said.
    return {name: tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=False)
            for name, skip in (("plain", True), ("whole", False))}


def main(target):
    result = dict(made_with=dict(transformers=transformers.__version__, tokenizers=tokenizers.__version__))
    for name, options, pre_tokenizer, normalizer, specials, plains, bos, config in families():
        directory = target / name
        directory.mkdir(parents=True, exist_ok=True)
        build(options, pre_tokenizer, normalizer, specials, plains, bos).save(str(directory / "tokenizer.json"), pretty=False)
        config = dict(tokenizer_class="PreTrainedTokenizerFast", clean_up_tokenization_spaces=False,
                      model_max_length=4096, **config)
        (directory / "tokenizer_config.json").write_text(
            json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        result[name] = golden(directory, specials + plains)
    (target / "golden.json").write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
