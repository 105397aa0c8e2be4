"""Writes the golden tokens of libs/llm: what transformers' fast tokenizers make of tricky texts.

    python3 -m venv .venv && .venv/bin/pip install transformers tokenizers
    .venv/bin/python tools/golden/make_tokenizer_golden.py libs/llm/src/test/resources/tokenizers

For each family a small byte-level BPE with that family's normalizer, pre-tokenisation, added tokens and post-processor, in
Hugging Face layout; and `golden.json` with the ids of each text, with and without special tokens around it, and the
text of the ids, with and without special tokens in it. `llama2` and `mistral` are BPEs of pieces with tokens of single
bytes, as SentencePiece makes them; `continued` is the text that ids add behind others.
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


# What the pieces of llama2 and mistral are learned from: everything else becomes bytes.
PIECES = [CORPUS[0], CORPUS[2], CORPUS[3][:CORPUS[3].index("首")], "Größe, naïve café, the answer is the answer."]

# Bytes that are and are no text: 你, 😀, both, cut off, too long, a surrogate, a space.
BYTES = ["E4 BD A0", "F0 9F 98 80", "E4 BD A0 F0 9F 98 80", "E4", "E4 BD", "F0 9F 98", "E4 BD A0 E4", "FF", "C0 80",
         "ED A0 80", "20", "20 41", "C3 A9", "C3", "80"]


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


def pieces(prepended):
    """A BPE of pieces: the tokens of special use, of each byte, then those learned."""
    trained = tokenizers.Tokenizer(models.BPE(unk_token="<unk>"))
    trained.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trained.train_from_iterator(PIECES, trainers.BpeTrainer(vocab_size=300, special_tokens=["<unk>"], show_progress=False))
    model = json.loads(trained.to_str())["model"]
    learned = sorted((text for text in model["vocab"] if text != "<unk>"), key=model["vocab"].get)
    names = ["<unk>", "<s>", "</s>", *(f"<0x{value:02X}>" for value in range(256)), *learned]
    tokenizer = tokenizers.Tokenizer(models.BPE(
        vocab={text: id for id, text in enumerate(names)}, merges=[tuple(merge) for merge in model["merges"]],
        unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if prepended:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.add_tokens([special(text) for text in ("<unk>", "<s>", "</s>")] + [plain("<think>"), plain("</think>")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    return tokenizer


def of_bytes(tokenizer):
    """Rows of ids around bytes, and ids behind other ids."""
    ids = tokenizer.convert_tokens_to_ids
    word, inner, end = tokenizer.encode("the answer", add_special_tokens=False), ids("a"), tokenizer.eos_token_id
    rows = []
    for text in BYTES:
        run = [ids(f"<0x{value}>") for value in text.split()]
        rows += [run, run + word, word + run, word + run + word, run + [inner], [inner] + run + [inner], run + [end] + run,
                 [ids("▁")] + run, run[:1] + [end] + run[1:]]
    source = random.Random(11)
    rows += [[source.choice([source.randrange(len(tokenizer)), source.randrange(3, 259), ids("▁"), end])
              for _ in range(16)] for _ in range(60)]
    return [dict(ids=row, **decoded(tokenizer, row)) for row in rows]


def continued(tokenizer):
    """What ids add to the text of a prompt."""
    rows = []
    for prompt in ("[INST] What? [/INST]", "a", "a ", "x\n", "<think>", "你", "</s>", ""):
        before = tokenizer.encode(prompt)
        for answer in (" the answer", "the answer", "  the", "你", "\n    return x", "</s>the", "😀 the"):
            for bare in (False, True):
                ids = tokenizer.encode(answer, add_special_tokens=False)
                ids = ids[1:] if bare else ids
                whole, known = (tokenizer.decode(row, skip_special_tokens=True) for row in (before + ids, before))
                if known and whole.startswith(known):
                    rows.append(dict(before=before, ids=ids, text=whole[len(known):]))
    return rows


def golden(directory, specials):
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    texts = TEXTS + [f"{s}x {s}{s}\n{s[:-1]}" for s in specials]
    rows = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False)
        rows.append(dict(text=text, ids=ids, sequence=tokenizer.encode(text), **decoded(tokenizer, ids)))
    source = random.Random(7)
    scattered = [[source.randrange(len(tokenizer)) for _ in range(12)] for _ in range(40)]
    made = dict(eos=tokenizer.eos_token_id, bos=tokenizer.bos_token_id, rows=rows,
                scattered=[dict(ids=ids, **decoded(tokenizer, ids)) for ids in scattered],
                continued=continued(tokenizer))
    return made | (dict(bytes=of_bytes(tokenizer)) if "<0x00>" in tokenizer.get_vocab() else {})


def decoded(tokenizer, ids):
    # Cleaning up spaces is for tokenizers of words; it would change what a byte-level model said.
    return {name: tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=False)
            for name, skip in (("plain", True), ("whole", False))}


def save(directory, tokenizer, config):
    tokenizer.save(str(directory / "tokenizer.json"), pretty=False)
    config = dict(tokenizer_class="PreTrainedTokenizerFast", clean_up_tokenization_spaces=False,
                  model_max_length=4096, **config)
    (directory / "tokenizer_config.json").write_text(
        json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(target):
    result = dict(made_with=dict(transformers=transformers.__version__, tokenizers=tokenizers.__version__))
    for name, options, pre_tokenizer, normalizer, specials, plains, bos, config in families():
        directory = target / name
        directory.mkdir(parents=True, exist_ok=True)
        save(directory, build(options, pre_tokenizer, normalizer, specials, plains, bos), config)
        result[name] = golden(directory, specials + plains)
    for name, prepended in (("llama2", True), ("mistral", False)):
        directory = target / name
        directory.mkdir(parents=True, exist_ok=True)
        save(directory, pieces(prepended), dict(bos_token="<s>", eos_token="</s>", unk_token="<unk>"))
        result[name] = golden(directory, ["<s>", "</s>", "<think>"])
    (target / "golden.json").write_text(json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
