"""Reads adapters that Lorica trained and wrote with peft, and compares the logits of both.

    mvn -pl libs/llm -am test -Dtest=AdaptersForPeft -Dsurefire.failIfNoSpecifiedTests=false \
        -Dlorica.adapters-for-peft=/tmp/ours
    .venv/bin/python tools/golden/check_peft_reads_ours.py libs/llm/src/test/resources/golden /tmp/ours

Fails when a logit differs by more than 1e-4, or when peft misses a tensor of a file or finds one too many.
"""

import json
import sys
import warnings
from pathlib import Path

import peft
import torch
import transformers

BOUND = 1e-4


def check(golden, adapter):
    ours = json.loads((adapter / "ours.json").read_text())
    base = transformers.AutoModelForCausalLM.from_pretrained(golden / ours["base"], dtype=torch.float32)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        adapted = peft.PeftModel.from_pretrained(base, adapter).eval()
    complaints = [str(w.message) for w in caught if "missing" in str(w.message) or "unexpected" in str(w.message)]
    with torch.no_grad():
        logits = adapted(torch.tensor([ours["tokens"]])).logits[0]
    difference = (logits - torch.tensor(ours["logits"]).view_as(logits)).abs().max().item()
    with torch.no_grad(), adapted.disable_adapter():
        change = (adapted(torch.tensor([ours["tokens"]])).logits[0] - logits).abs().max().item()
    good = difference <= BOUND and not complaints
    print(f"{'ok ' if good else 'BAD'} {adapter.name:22} max |Δlogit| {difference:.2e} "
          f"(the adapter changes logits by up to {change:.2f}) {' '.join(complaints)}")
    return good


if __name__ == "__main__":
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}")
    adapters = sorted(path.parent for path in Path(sys.argv[2]).glob("*/ours.json"))
    results = [check(Path(sys.argv[1]), adapter) for adapter in adapters]
    sys.exit(0 if results and all(results) else 1)
