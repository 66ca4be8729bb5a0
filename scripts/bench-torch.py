"""Times the same network and convolutions in PyTorch, for `bench.js` to compare with. Needs python3 with torch.

    python3 bench-torch.py --steps 64 --preset paper --threads 2
    python3 bench-torch.py --device cuda --steps 64x128x128 --parts training-step --convolutions 16-16@128x128x256

Prints one JSON object a line, each as soon as it is known: the version first, then medians of an encoder pass, of
an interaction with 7 prompt tokens, of a training step (box, five clicks, optimiser), and of convolutions of 3x3x3 and
their gradients. On `cuda` in four modes: PyTorch's default for convolutions (TF32), f32 throughout, and autocast to bf16 and
f16 (without a gradient scaler); cuDNN chooses its algorithms by measuring, and of the two memory formats the faster counts.
Memory is the allocator's peak on `cuda` and the peak resident set size, of the process so far, on the CPU.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from contextlib import nullcontext
from typing import Callable, Dict, Iterator, Tuple

MODES = {"cuda": ["tf32", "f32", "bf16", "f16"], "cpu": ["f32"]}
MODE_WORDS = {
    "tf32": "TF32 convolutions (PyTorch's default)",
    "f32": "f32",
    "bf16": "bf16 autocast",
    "f16": "f16 autocast",
}
PASSES = ["forward", "input gradient", "filter gradient"]
MAX_RUNS = 4096


def shape_of(text: str) -> Tuple[int, int, int]:
    edges = [int(edge) for edge in text.split("x")]
    return tuple(edges * 3) if len(edges) == 1 else tuple(edges)


def convolution_of(text: str) -> Tuple[int, int, Tuple[int, int, int]]:
    """`48-16@128x128x256` -> (48, 16, (128, 128, 256))"""
    channels, grid = text.split("@")
    inputs, outputs = channels.split("-")
    return int(inputs), int(outputs), shape_of(grid)


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    ap.add_argument("--preset", choices=["tiny", "small", "paper"], default="paper")
    ap.add_argument("--steps", type=shape_of, nargs="*", default=[])
    ap.add_argument("--parts", choices=["encoder", "interaction", "training-step"], nargs="*",
                    default=["encoder", "interaction", "training-step"])
    ap.add_argument("--convolutions", type=convolution_of, nargs="*", default=[])
    ap.add_argument("--modes", choices=list(MODE_WORDS), nargs="*")
    ap.add_argument("--threads", type=int, help="on the CPU", default=os.cpu_count())
    ap.add_argument("--repeat", type=int, default=3)
    args = ap.parse_args()

    if args.device == "cpu":
        # Keep freed memory, as the engine that this is compared with does; both are read when the process starts.
        keep = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "8589934592",
                "OPENBLAS_NUM_THREADS": str(args.threads), "OMP_NUM_THREADS": str(args.threads)}
        if any(os.environ.get(name) != value for name, value in keep.items()):
            os.execve(sys.executable, [sys.executable, "-B", *sys.argv], {**os.environ, **keep})

    import torch

    if args.device == "cpu":
        torch.set_num_threads(args.threads)
    else:
        torch.backends.cudnn.benchmark = True
    name = torch.cuda.get_device_name() if args.device == "cuda" else f"{args.threads} threads of the processor"
    emit({"type": "torch", "version": torch.__version__, "device": name})
    modes = args.modes or MODES[args.device]
    # The default first, for all sizes: what is cut off is the least important.
    for mode in modes:
        use_mode(mode)
        time_steps(args, mode)
        for inputs, outputs, grid in args.convolutions:
            time_convolution(args, mode, inputs, outputs, grid)


def emit(row: Dict[str, object]) -> None:
    print(json.dumps(row), flush=True)


def use_mode(mode: str) -> None:
    import torch

    torch.backends.cudnn.allow_tf32 = mode != "f32"


def settle(device: str) -> None:
    if device == "cuda":
        import torch

        torch.cuda.synchronize()


def measure(run: Callable[[], object], device: str, repeat: int) -> Dict[str, float]:
    """Seconds of one run. The device is waited for once in a sample, which takes long enough for its clock and queue."""
    warmups, shortest = (2, 0.2) if device == "cuda" else (1, 0.05)

    def seconds_of(runs: int) -> float:
        start = time.perf_counter()
        for _ in range(runs):
            run()
        settle(device)
        return time.perf_counter() - start

    for _ in range(warmups):
        seconds_of(1)
    runs = 1
    first = seconds_of(runs)
    while first < shortest and runs < MAX_RUNS:
        runs = min(MAX_RUNS, max(2 * runs, int(runs * shortest / first) + 1))
        first = seconds_of(runs)
    seconds = [first / runs] + [seconds_of(runs) / runs for _ in range(repeat - 1)]
    return {"seconds": statistics.median(seconds), "fastest": min(seconds), "slowest": max(seconds)}


def layouts(device: str) -> Dict[str, object]:
    import torch

    named = {"contiguous": torch.contiguous_format}
    if device == "cuda":
        named["channels last"] = torch.channels_last_3d
    return named


def caught(what: str, mode: str, run: Callable[[], None]) -> None:
    """Runs, and prints as a result what it fails with, running out of memory first of all."""
    import torch

    failure = None
    try:
        run()
    except RuntimeError as error:  # torch.cuda.OutOfMemoryError is one.
        failure = str(error).split("\n")[0]
    # Here, not in the handler, where the error still holds the tensors of its frames.
    if failure is not None:
        emit({"type": "omitted", "what": f"PyTorch, {MODE_WORDS[mode]}: {what}", "reason": failure})
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def reset_peak(device: str) -> None:
    if device == "cuda":
        import torch

        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_bytes(device: str) -> int:
    if device == "cuda":
        import torch

        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def time_convolution(args: argparse.Namespace, mode: str, inputs: int, outputs: int, grid: Tuple[int, int, int]) -> None:
    import torch

    dtype = {"bf16": torch.bfloat16, "f16": torch.float16}.get(mode, torch.float32)

    def times_in(memory_format: object) -> Iterator[Dict[str, float]]:
        def drawn(*shape: int) -> torch.Tensor:
            return torch.randn(shape, device=args.device).to(dtype).contiguous(memory_format=memory_format)

        x, dy, weight = drawn(1, inputs, *grid), drawn(1, outputs, *grid), drawn(outputs, inputs, 3, 3, 3)
        ones = [1, 1, 1]

        def gradient(mask: Tuple[bool, bool, bool]) -> Callable[[], object]:
            return lambda: torch.ops.aten.convolution_backward(
                dy, x, weight, None, ones, ones, ones, False, [0, 0, 0], 1, mask)

        runs = [lambda: torch.conv3d(x, weight, None, 1, 1), gradient((True, False, False)), gradient((False, True, False))]
        for run in runs:
            yield measure(run, args.device, args.repeat)

    def run() -> None:
        with torch.no_grad():
            found = {name: list(times_in(layout)) for name, layout in layouts(args.device).items()}
        for i, name in enumerate(PASSES):
            layout = min(found, key=lambda layout: found[layout][i]["seconds"])
            emit({"type": "convolution", "pass": name, "inputs": inputs, "outputs": outputs, "grid": grid,
                  "mode": MODE_WORDS[mode], "layout": layout, **found[layout][i]})

    caught(f"conv 3x3x3 {inputs}-{outputs} at {'x'.join(map(str, grid))}", mode, run)


def time_steps(args: argparse.Namespace, mode: str) -> None:
    best = {}
    for shape in args.steps:
        def run() -> None:
            # Which memory format is the faster is found on the first volume.
            if not best and len(layouts(args.device)) > 1:
                best["layout"] = min(layouts(args.device), key=lambda name: layout_seconds(args, mode, shape, name))
            for row in part_times(args, mode, shape, best.get("layout", "contiguous")):
                emit({**row, "mode": MODE_WORDS[mode]})

        caught(f"{args.preset} at {'x'.join(map(str, shape))}", mode, run)


def layout_seconds(args: argparse.Namespace, mode: str, shape: Tuple[int, int, int], layout: str) -> float:
    quick = argparse.Namespace(**{**vars(args), "repeat": 1})
    return sum(row["seconds"] for row in part_times(quick, mode, shape, layout))


def part_times(args: argparse.Namespace, mode: str, shape: Tuple[int, int, int], layout: str) -> Iterator[Dict[str, object]]:
    import torch

    import ensam_torch as ensam
    from ensam_torch import Box, Click, Prompts

    autocast = {"bf16": torch.bfloat16, "f16": torch.float16}.get(mode)

    def forward():
        return nullcontext() if autocast is None else torch.autocast(args.device, dtype=autocast)

    reset_peak(args.device)
    model = ensam.build(args.preset, 0).to(args.device)
    if layout == "channels last":
        model = model.to(memory_format=torch.channels_last_3d)
    torch.manual_seed(1)
    volume = torch.rand(shape).to(args.device)
    low, high = [n // 4 for n in shape], [3 * n // 4 for n in shape]
    target = torch.zeros(shape, device=args.device)
    target[low[0]:high[0], low[1]:high[1], low[2]:high[2]] = 1
    box = Box(tuple(low), tuple(n - 1 for n in high))
    clicks = tuple(Click(tuple(n * (i + 2) // 8 for n in shape), i % 2 == 0) for i in range(5))
    rounds = [Prompts(clicks[:i], box) for i in range(6)]

    def row(part: str, run: Callable[[], object]) -> Dict[str, object]:
        times = measure(run, args.device, args.repeat)
        return {"type": "step", "part": part, "preset": args.preset, "shape": shape, "layout": layout, **times,
                "peakBytes": peak_bytes(args.device)}

    with torch.no_grad(), forward():
        if "encoder" in args.parts:
            yield row("encoder", lambda: model.encode(volume))
        if "interaction" in args.parts:
            encoded = model.encode(volume)
            previous = model.decode(encoded, rounds[0])
            yield row("interaction", lambda: model.decode(encoded, rounds[5], previous))
            del encoded, previous
    if "training-step" in args.parts:
        params = dict(model.named_parameters())
        optimizer = ensam.MuonAdamW({name: p.data for name, p in params.items()})

        def step() -> None:
            model.zero_grad(set_to_none=True)
            ensam.training_gradients(model, volume, target, rounds, forward)
            optimizer.step({name: p.grad for name, p in params.items()})
            model.normalize_weights()

        yield row("training step", step)


if __name__ == "__main__":
    main()
