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

    def launch(blocks, threads, *arguments, shared=0):
        if shared:
            function.max_dynamic_shared_size_bytes = shared
        function((blocks,), (threads,), tuple(raw(a) for a in arguments), shared_mem=shared)

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
        turn(tokens, threads, Rows(joined), Rows(joined), positions, cosines, sines, i32(heads), i32(half), direction)

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
    properties = torch.cuda.get_device_properties(0)
    kept = min(width * BYTES[storage], properties.shared_memory_per_block_optin - 384) // 16
    losses = poison("f32", rows)
    hits = poison("f32", rows)
    run_kernel = kernel("cross_entropy.cu", storage, "cross_entropy_gradient_wide")

    def run():
        run_kernel(rows, 1024, Rows(logits), targets, None, losses, hits, i32(width), i32(kept), 0.25, shared=16 * kept)

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


def dequantize(storage, rows, width):
    elements, block = rows * width, 64
    blocks = elements // block
    codes = torch.randint(0, 256, (elements // 2,), dtype=torch.uint8, device="cuda")
    numbers, scales = normal("f32", 16), normal("f32", blocks)
    scale_codes = torch.randint(0, 256, (blocks,), dtype=torch.uint8, device="cuda")
    scale_numbers, largest, mean = normal("f32", 256), normal("f32", -(-blocks // 256)), normal("f32", 1)
    out = poison(storage, elements)
    grid = -(-elements // 8192)
    plain = kernel("dequantize.cu", storage, "dequantize_four_bit")
    double = kernel("dequantize.cu", storage, "dequantize_four_bit_double")
    halves = torch.stack([codes >> 4, codes & 15], 1).flatten().long()
    name = f"{storage} {rows} x {width}"

    def run_plain():
        plain(grid, 256, codes, numbers, scales, out, i64(elements), i32(6))

    run_plain()
    reference = (numbers.double()[halves].view(-1, block) * scales.double()[:, None]).flatten()
    moved = elements // 2 + elements * BYTES[storage]
    report(f"4 bit {name}", [error(out, reference)], BOUNDS[storage], moved + 4 * blocks, run_plain)

    def run_double():
        double(grid, 256, codes, numbers, scale_codes, scale_numbers, largest, mean, i32(8), out, i64(elements), i32(6))

    out.fill_(float("nan"))
    run_double()
    spread = largest.double().repeat_interleave(256)[:blocks]
    quantized = scale_numbers.double()[scale_codes.long()] * spread + mean.double()
    reference = (numbers.double()[halves].view(-1, block) * quantized[:, None]).flatten()
    report(f"4 bit, double {name}", [error(out, reference)], BOUNDS[storage], moved + blocks, run_double)
    del halves, reference

    eight = kernel("dequantize.cu", storage, "dequantize_eight_bit")
    bytes_ = torch.randint(-127, 128, (elements,), dtype=torch.int8, device="cuda")

    def run_eight():
        eight(grid, 256, bytes_, scales, out, i64(elements), i32(block))

    out.fill_(float("nan"))
    run_eight()
    reference = (bytes_.double().view(-1, block) * scales.double()[:, None]).flatten()
    moved = elements * (1 + BYTES[storage]) + 4 * blocks
    report(f"8 bit {name}", [error(out, reference)], BOUNDS[storage], moved, run_eight)


def elements(source, target, count):
    x, y, total = normal(source, count), poison(target, count), normal(target, count)
    before = total.clone()
    scale = kernel("elements.cu", source, f"scale_to_{target}_wide")
    accumulate = kernel("elements.cu", source, f"accumulate_to_{target}_wide")
    grid = -(-count // 4096)

    def run_scale():
        scale(grid, 256, x, y, i64(count), 0.75)

    def run_accumulate():
        accumulate(grid, 256, x, total, i64(count), 0.75)

    run_scale()
    run_accumulate()
    moved = count * (BYTES[source] + BYTES[target])
    report(f"scale {source} to {target} {count}", [error(y, x.double() * 0.75)], BOUNDS[target], moved, run_scale)
    errors = [error(total, before.double() + x.double() * 0.75)]
    moved += count * BYTES[target]
    report(f"accumulate {source} to {target} {count}", errors, BOUNDS[target], moved, run_accumulate)


def move_rows(storage, rows, width):
    x, y = normal(storage, rows, width), poison(storage, rows // 2, width)
    back = poison(storage, rows, width)
    positions = torch.randperm(rows, device="cuda")[: rows // 2]
    gather = kernel("move_rows.cu", storage, "gather_rows_wide")
    scatter = kernel("move_rows.cu", storage, "scatter_rows_wide")

    def run_gather():
        gather(rows // 2, 256, Rows(x), positions, Rows(y), i32(width))

    def run_scatter():
        scatter(rows // 2, 256, Rows(y), positions, Rows(back), i32(width))

    run_gather()
    run_scatter()
    moved = rows * width * BYTES[storage]
    name = f"{storage} {rows // 2} of {rows} x {width}"
    report(f"gather {name}", [error(y, x[positions].double())], 1e-30, moved, run_gather)
    report(f"scatter {name}", [error(back[positions], x[positions].double())], 1e-30, moved, run_scatter)


PARAMETER = np.dtype(
    [(n, "u8") for n in ("values", "gradient", "first", "second", "first_largest", "second_largest", "copy")]
    + [("copy_stride", "i8"), ("elements", "i8")]
    + [("rate_factor", "f4"), ("decay", "f4"), ("copy_factor", "f4"), ("copy_columns", "i4")]
)


def adam_w(shapes, eight_bit):
    chunk = 8192
    values, gradients = ([normal("f32", *shape) for shape in shapes] for _ in range(2))
    copies = [poison("bf16", *shape) for shape in shapes]
    code = torch.uint8 if eight_bit else torch.float32
    moments = [[torch.zeros(v.numel(), dtype=code, device="cuda") for v in values] for _ in range(2)]
    books = [torch.linspace(low, 1, 256, device="cuda") for low in (-1, 0)]
    if eight_bit:
        moments[0] = [m + 127 for m in moments[0]]
    largest = [[torch.zeros(-(-v.numel() // 256), device="cuda") for v in values] for _ in range(2)]
    table = np.zeros(len(shapes), PARAMETER)
    for i, v in enumerate(values):
        pointers = [v, gradients[i], moments[0][i], moments[1][i], largest[0][i], largest[1][i], copies[i]]
        table[i] = (*(p.data_ptr() for p in pointers), v.shape[1], v.numel(), 1, 0.01, 1, v.shape[1])
    parameters = torch.frombuffer(bytearray(table.tobytes()), dtype=torch.uint8).cuda()
    chunks = [(i, n) for i, v in enumerate(values) for n in range(-(-v.numel() // chunk))]
    chunk_table = torch.tensor(chunks, dtype=torch.int32, device="cuda")
    partial, clip_memory = poison("f32", len(chunks)), poison("f32", 2)
    step = torch.tensor([2e-4, 0.9, 0.1, 0.999, 0.001, 1e-8, 0.1, 0.001**0.5], device="cuda")
    squares = kernel("adam_w.cu", "bf16", "sum_squares")
    clip = kernel("adam_w.cu", "bf16", "clip")
    move = kernel("adam_w.cu", "bf16", "adam_w_eight_bit" if eight_bit else "adam_w")
    extra = [*books, i32(len(chunks))] if eight_bit else []
    blocks = 3 * torch.cuda.get_device_properties(0).multi_processor_count if eight_bit else len(chunks)
    count = sum(v.numel() for v in values)
    before = [v.clone() for v in values]

    def run_norm():
        squares(len(chunks), 256, parameters, chunk_table, partial)
        clip(1, 256, partial, i32(len(chunks)), 1.0, 1.0, i64(0), clip_memory)

    def run_move():
        move(blocks, 256, parameters, chunk_table, step, clip_memory, i32(0), *extra)

    run_norm()
    run_move()
    norm = torch.stack([g.double().norm() for g in gradients]).norm()
    reference = [torch.nn.Parameter(v.double()) for v in before]
    for p, g in zip(reference, gradients):
        p.grad = g.double() / norm
    torch.optim.AdamW(reference, lr=2e-4, weight_decay=0.01).step()
    moved = [(v.double() - b.double(), r.detach() - b.double()) for v, b, r in zip(values, before, reference)]
    errors = [abs(clip_memory[0].item() / norm.item() - 1) / 1e-5]
    # What moved is a small difference of values in float32.
    errors += [error(change, wanted) / 5e-3 for change, wanted in moved]
    errors += [error(c, v.double()) / BOUNDS["bf16"] for c, v in zip(copies, values)]
    kind = "8 bit" if eight_bit else "f32"
    report(f"gradient norm {len(shapes)} tensors, {count} (error/bound)", errors[:1], 1.0, 4 * count, run_norm)
    each = 4 + 8 + 2 + (4 if eight_bit else 16)
    report(f"AdamW {kind} {len(shapes)} tensors (error/bound)", errors, 1.0, each * count, run_move)


MEMBER = np.dtype(
    [("source", "u8"), ("to", "u8"), ("stride", "i8"), ("rows", "i4"), ("columns", "i4")]
    + [("factor", "f4"), ("fours", "i4")]
)


def spread(storage, shapes, factor=0.5):
    """A and B by turns: A goes to memory of its own, B to the last columns of rows that begin with W."""
    sources = [normal("f32", *shape) for shape in shapes]
    asides = [shapes[i - 1][1] if i % 2 else 0 for i in range(len(shapes))]
    wide = [poison(storage, rows, aside + columns) for (rows, columns), aside in zip(shapes, asides)]
    targets = [w[:, aside:] for w, aside in zip(wide, asides)]
    members = np.zeros(len(shapes), MEMBER)
    for i, (source, target) in enumerate(zip(sources, targets)):
        stride, (rows, columns) = target.stride(0), source.shape
        aligned = source.data_ptr() % 16 == target.data_ptr() % 16 == columns % 4 == stride % 4 == 0
        members[i] = (source.data_ptr(), target.data_ptr(), stride, rows, columns, factor, aligned)
    parts = []
    for i, (rows, columns) in enumerate(shapes):
        at_once = max(1, 8192 // columns)
        parts += [(i, first, min(at_once, rows - first), 0) for first in range(0, rows, at_once)]
    member_table = torch.frombuffer(bytearray(members.tobytes()), dtype=torch.uint8).cuda()
    part_table = torch.tensor(parts, dtype=torch.int32, device="cuda")
    run_kernel = kernel("spread.cu", storage, "spread")

    def run():
        run_kernel(len(parts), 256, member_table, part_table)

    run()
    errors = [error(target, source.double() * factor) for source, target in zip(sources, targets)]
    if not all(w[:, :aside].isnan().all() for w, aside in zip(wide, asides)):
        errors.append(float("inf"))
    count = sum(source.numel() for source in sources)
    moved = (4 + BYTES[storage]) * count
    report(f"spread f32 to {storage} {len(shapes)} matrices, {count}", errors, BOUNDS[storage], moved, run)


def lora_shapes():
    matrices = [(3584, 3584), (3584, 512), (3584, 512), (3584, 3584), (3584, 18944), (3584, 18944), (18944, 3584)]
    return [shape for inputs, outputs in matrices for shape in ((16, inputs), (outputs, 16))] * 28


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
    dequantize("bf16", 18944, 3584)
    dequantize("f16", 3584, 3584)
    elements("bf16", "f32", 1 << 26)
    elements("f32", "bf16", 1 << 26)
    elements("bf16", "bf16", 1 << 26)
    move_rows("bf16", 8192, 3584)
    adam_w(lora_shapes(), False)
    adam_w(lora_shapes(), True)
    for storage in ("bf16", "f32"):
        spread(storage, lora_shapes())
    spread("f16", [(3, 70), (700, 3)] * 4)
    print("all agree" if not FAILED else f"FAILED: {FAILED}")
    sys.exit(bool(FAILED))


main()
