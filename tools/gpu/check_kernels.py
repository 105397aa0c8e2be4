"""Checks the CUDA sources of libs/llm against torch in double precision at the sizes of real models, and times them.

Development only; needs a GPU, torch and CuPy (which brings NVRTC):
    python3 tools/gpu/check_kernels.py [libs/llm/src/main/resources/io/lorica/llm/cuda]
Prints one line a kernel: relative error, median time, GB/s of the bytes it must move, share of a device copy's GB/s.
The JUnit tests of io.lorica.llm.cuda check small and odd sizes through the very classes that production calls.
"""
import statistics
import sys
from pathlib import Path

import cupy
import numpy as np
import torch

SOURCES = Path(sys.argv[1] if len(sys.argv) > 1 else "libs/llm/src/main/resources/io/lorica/llm/cuda")
TYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}
# Half a unit in the last place at most; float32 with room for sums and fast exponentials.
BOUNDS = {"bf16": 2**-8, "f16": 2**-11, "f32": 2e-6}
BYTES = {"bf16": 2, "f16": 2, "f32": 4}
MODULES = {}
FAILED = []
torch.manual_seed(3407)


def kernel(source, storage, name):
    key = source, storage
    if key not in MODULES:
        options = ("--std=c++17", "-default-device", f"-DSTORAGE={storage}", f"-I{SOURCES.resolve()}")
        MODULES[key] = cupy.RawModule(code=(SOURCES / source).read_text(), options=options)
    function = MODULES[key].get_function(name)

    def launch(blocks, threads, *arguments):
        function((blocks,), (threads,), tuple(raw(a) for a in arguments))

    return launch


def raw(argument):
    if argument is None:
        return np.uint64(0)
    if isinstance(argument, Rows):
        return argument.values
    if isinstance(argument, torch.Tensor):
        return np.uint64(argument.data_ptr())
    return np.float32(argument) if isinstance(argument, float) else argument


class Rows:
    """A matrix that a kernel takes as an address and a stride; CuPy's only scalar of 16 bytes is a complex number."""

    def __init__(self, tensor):
        self.values = np.array([tensor.data_ptr(), tensor.stride(0)], dtype=np.int64).view(np.complex128)[0]


def i32(value):
    return np.int32(value)


def i64(value):
    return np.int64(value)


def normal(storage, *shape, scale=1.0):
    return (torch.randn(*shape, device="cuda") * scale).to(TYPES[storage])


def poison(storage, *shape):
    return torch.full(shape, float("nan"), device="cuda", dtype=TYPES[storage])


def median_ms(work, repeats=20):
    """Median over runs, each behind a write over the cache so that no run finds its input there."""
    flush = torch.empty(256 << 20, dtype=torch.uint8, device="cuda")
    for _ in range(3):
        work()
    times = []
    for _ in range(repeats):
        flush.zero_()
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        work()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return statistics.median(times)


def copy_ceiling():
    a = torch.empty(1 << 30, dtype=torch.uint8, device="cuda").random_()
    b = torch.empty_like(a)
    return 2 * a.numel() / median_ms(lambda: b.copy_(a)) / 1e6


CEILING = copy_ceiling()
print(f"{torch.cuda.get_device_name()}: device copy of 1 GiB {CEILING:.0f} GB/s (read + written)", flush=True)


def error(out, reference):
    difference = (out.double() - reference).norm() / reference.norm()
    return difference.item()


def report(name, errors, bound, moved, work):
    worst = max(errors)
    ok = worst < bound
    if not ok:
        FAILED.append(name)
    ms = median_ms(work)
    rate = moved / ms / 1e6
    print(
        f"{name:46s} {'ok  ' if ok else 'FAIL'} error {worst:.1e} {ms * 1000:9.1f} us {rate:6.0f} GB/s"
        f" {100 * rate / CEILING:4.0f} %",
        flush=True,
    )


def norm_threads(width, lanes):
    packs = -(-width // lanes)
    return min(512, -(-(-(-packs // 2)) // 32) * 32)


def rms_norm(storage, rows, width):
    lanes = 16 // BYTES[storage]
    threads = norm_threads(width, lanes)
    x, residual, dy, carried = (normal(storage, rows, width) for _ in range(4))
    gain = normal(storage, width)
    total, y, dx = (poison(storage, rows, width) for _ in range(3))
    scales = poison("f32", rows)
    forward = kernel("rms_norm.cu", storage, "add_rms_norm_wide")
    backward = kernel("rms_norm.cu", storage, "add_rms_norm_backward_wide")
    plain = kernel("rms_norm.cu", storage, "rms_norm_wide")

    def run_forward():
        forward(rows, threads, Rows(x), Rows(residual), Rows(total), gain, Rows(y), scales, i32(width), 1e-6)

    def run_backward():
        backward(rows, threads, Rows(dy), Rows(total), gain, scales, Rows(carried), Rows(dx), i32(width))

    run_forward()
    run_backward()
    wanted = (x.double() + residual.double()).requires_grad_(False)
    stored = total.double().requires_grad_(True)
    normed = stored * torch.rsqrt(stored.pow(2).mean(-1, keepdim=True) + 1e-6) * gain.double()
    normed.backward(dy.double())
    size = rows * width * BYTES[storage]
    name = f"{storage} {rows} x {width}"
    errors = [error(total, wanted), error(y, normed.detach())]
    report(f"add + rms norm {name}", errors, BOUNDS[storage], 4 * size, run_forward)
    gradient = stored.grad + carried.double()
    report(f"add + rms norm backward {name}", [error(dx, gradient)], BOUNDS[storage], 4 * size, run_backward)

    def run_plain():
        plain(rows, threads, Rows(total), gain, Rows(y), scales, i32(width), 1e-6)

    run_plain()
    report(f"rms norm {name}", [error(y, normed.detach())], BOUNDS[storage], 2 * size, run_plain)


def rotary(storage, tokens, heads, others, width):
    lanes = 16 // BYTES[storage]
    half = width // 2
    row = (heads + others) * width
    joined = normal(storage, tokens, row)
    original = joined.clone()
    positions = torch.arange(tokens, device="cuda") % 2048
    frequencies = 10000.0 ** (-torch.arange(half, device="cuda").double() / half)
    angles = torch.arange(2048, device="cuda").double()[:, None] * frequencies
    cosines, sines = angles.cos().float(), angles.sin().float()
    turn = kernel("rotary.cu", storage, "rotary_wide")
    threads = min(512, -(-(heads * half // lanes) // 32) * 32)

    def run(direction):
        turn(tokens, threads, Rows(joined), positions, cosines, sines, i32(heads), i32(half), direction)

    run(1.0)
    parts = original.double().view(tokens, heads + others, width)
    a, b = parts[..., :half], parts[..., half:]
    c, s = cosines.double()[positions][:, None], sines.double()[positions][:, None]
    turned = torch.cat([a * c - b * s, b * c + a * s], -1)
    turned[:, heads:] = parts[:, heads:]
    errors = [error(joined, turned.view(tokens, row))]
    run(-1.0)
    errors.append(error(joined, original.double()) / 2)
    moved = 2 * tokens * heads * width * BYTES[storage]
    report(f"rotary {storage} {tokens} x {heads} x {width}", errors, BOUNDS[storage], moved, lambda: run(1.0))


def swi_glu(storage, rows, width):
    lanes = 16 // BYTES[storage]
    blocks = -(-rows * (width // lanes) // 256)
    joined, dy = normal(storage, rows, 2 * width, scale=2.0), normal(storage, rows, width)
    y, again = poison(storage, rows, width), poison(storage, rows, width)
    gate = joined[:, :width].double().requires_grad_(True)
    up = joined[:, width:].double().requires_grad_(True)
    product = torch.nn.functional.silu(gate) * up
    product.backward(dy.double())
    forward = kernel("swi_glu.cu", storage, "swi_glu_wide")
    backward = kernel("swi_glu.cu", storage, "swi_glu_backward_wide")

    def run_forward():
        forward(blocks, 256, Rows(joined), Rows(y), i64(rows), i32(width))

    size = rows * width * BYTES[storage]
    name = f"{storage} {rows} x {width}"
    run_forward()
    report(f"swiglu {name}", [error(y, product.detach())], BOUNDS[storage], 3 * size, run_forward)

    def run_backward():
        backward(blocks, 256, Rows(joined), Rows(dy), Rows(joined), Rows(again), i64(rows), i32(width))

    run_backward()
    errors = [error(joined[:, :width], gate.grad), error(joined[:, width:], up.grad), error(again, product.detach())]
    report(f"swiglu backward {name}", errors, BOUNDS[storage], 6 * size, run_backward)


def cross_entropy(storage, rows, width):
    logits = normal(storage, rows, width, scale=3.0)
    original = logits.clone()
    targets = torch.randint(0, width, (rows,), device="cuda")
    targets[::7] = -100
    targets[1] = original[1].float().argmax()
    losses = poison("f32", rows)
    hits = poison("f32", rows)
    run_kernel = kernel("cross_entropy.cu", storage, "cross_entropy_gradient_wide")

    def run():
        run_kernel(rows, 1024, Rows(logits), targets, None, losses, hits, i32(width), 0.25)

    run()
    errors = []
    for part in range(0, rows, 256):
        some = slice(part, part + 256)
        x = original[some].double().requires_grad_(True)
        reference = torch.nn.functional.cross_entropy(x, targets[some], reduction="none", ignore_index=-100)
        (reference.sum() * 0.25).backward()
        errors.append(error(logits[some], x.grad) / BOUNDS[storage])
        errors.append(error(losses[some], reference.detach()) / BOUNDS["f32"])
    greatest = original.float().argmax(-1)
    if not torch.equal(hits, ((greatest == targets) & (targets >= 0)).float()):
        errors.append(float("inf"))
    moved = 2 * rows * width * BYTES[storage]
    report(f"cross-entropy {storage} {rows} x {width} (error/bound)", errors, 1.0, moved, run)


def main():
    for storage in ("bf16", "f32"):
        rms_norm(storage, 4096, 3584)
    rms_norm("bf16", 4096, 1536)
    rms_norm("f16", 16384, 3584)
    rotary("bf16", 4096, 32, 4, 128)
    rotary("f16", 4096, 14, 2, 128)
    swi_glu("bf16", 4096, 18944)
    swi_glu("f16", 4096, 8960)
    swi_glu("f32", 1024, 18944)
    cross_entropy("bf16", 2048, 152064)
    cross_entropy("f32", 512, 151936)
    print("all agree" if not FAILED else f"FAILED: {FAILED}")
    sys.exit(bool(FAILED))


main()
