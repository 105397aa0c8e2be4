"""Writes the golden learning rates of libs/llm: what transformers' `get_scheduler` gives step by step.

    .venv/bin/python tools/golden/make_schedules.py libs/llm/src/test/resources/golden/schedules.json

The environment is that of make_golden.py. Each case says in our words what transformers was asked for in its own; a
ratio of warm-up steps goes through `TrainingArguments`, as its trainer does.
"""

import json
import sys
from pathlib import Path

import torch
import transformers

PEAK = 3e-4


def cases():
    """Name, steps, warm-up steps, warm-up ratio and what the schedule leaves open."""
    for name in ("linear", "cosine", "cosine_with_restarts", "polynomial", "constant", "constant_with_warmup",
                 "inverse_sqrt"):
        yield name, 20, 0, None, {}
        yield name, 20, 5, None, {}
        yield name, 3, 5, None, {}
        if name != "constant":
            yield name, 21, 0, 0.1, {}
    yield "cosine", 20, 4, None, dict(num_cycles=1.25)
    yield "cosine_with_restarts", 23, 3, None, dict(num_cycles=3)
    yield "polynomial", 20, 4, None, dict(power=2.0, lr_end=1e-5)
    yield "polynomial", 20, 0, None, dict(power=0.5, lr_end=0.0)
    yield "inverse_sqrt", 20, 4, None, dict(timescale=7)


def warmup(steps, given, ratio):
    if ratio is None:
        return given
    return transformers.TrainingArguments(warmup_steps=ratio, use_cpu=True).get_warmup_steps(steps)


def rates(name, steps, warmup_steps, kwargs):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    schedule = transformers.get_scheduler(name, optimizer, warmup_steps, steps, scheduler_specific_kwargs=kwargs)
    values = []
    for _ in range(steps):
        values.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return values


if __name__ == "__main__":
    golden = [dict(schedule=name, steps=steps, warmupSteps=given, shape=dict(
        warmupRatio=ratio, cycles=kwargs.get("num_cycles"), power=kwargs.get("power"), endRate=kwargs.get("lr_end"),
        timescale=kwargs.get("timescale")), rates=rates(name, steps, warmup(steps, given, ratio), kwargs))
        for name, steps, given, ratio, kwargs in cases()]
    Path(sys.argv[1]).write_text(json.dumps(
        dict(origin=f"transformers {transformers.__version__}", peak=PEAK, cases=golden)))
