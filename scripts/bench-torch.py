"""Times the PyTorch network on the CPU, for `bench.js` to compare with. Needs python3-torch.

    python3 bench-torch.py 64 paper --train --threads 2 --repeat 3

Prints one JSON object: seconds (median, minimum, maximum) of an encoder pass, of an interaction with 7 prompt tokens and
of a training step (box, five clicks, optimiser), and the peak resident set size.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from typing import Callable, Dict


def measure(run: Callable[[], object], repeat: int, warmup: int = 1) -> Dict[str, float]:
    for _ in range(warmup):
        run()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        runs = 0
        while runs == 0 or time.perf_counter() - start < 0.05:
            run()
            runs += 1
        seconds.append((time.perf_counter() - start) / runs)
    return {"median": statistics.median(seconds), "min": min(seconds), "max": max(seconds)}


def main() -> None:
    ap = argparse.ArgumentParser()
    ap.add_argument("size", type=int)
    ap.add_argument("config", choices=["tiny", "small", "paper"])
    ap.add_argument("--train", action="store_true")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--repeat", type=int, default=3)
    args = ap.parse_args()

    # Keep freed memory, as the engine that this is compared with does; both are read when the process starts.
    keep = {"MALLOC_MMAP_THRESHOLD_": "4294967296", "MALLOC_TRIM_THRESHOLD_": "8589934592",
            "OPENBLAS_NUM_THREADS": str(args.threads), "OMP_NUM_THREADS": str(args.threads)}
    if any(os.environ.get(name) != value for name, value in keep.items()):
        os.execve(sys.executable, [sys.executable, "-B", *sys.argv], {**os.environ, **keep})

    import torch

    import ensam_torch as ensam
    from ensam_torch import Box, Click, Prompts

    torch.set_num_threads(args.threads)
    model = ensam.build(args.config, 0)
    torch.manual_seed(1)
    n = args.size
    shape = (n, n, n)
    volume = torch.rand(shape)
    low, high = n // 4, 3 * n // 4
    target = torch.zeros(shape)
    target[low:high, low:high, low:high] = 1
    box = Box((low,) * 3, (high - 1,) * 3)
    clicks = tuple(Click((n * (i + 2) // 8,) * 3, i % 2 == 0) for i in range(5))
    rounds = [Prompts(clicks[:i], box) for i in range(6)]

    result = {"size": n, "config": args.config, "threads": args.threads, "torch": torch.__version__}
    with torch.no_grad():
        result["encoder"] = measure(lambda: model.encode(volume), args.repeat)
        encoded = model.encode(volume)
        previous = model.decode(encoded, rounds[0])
        result["interaction"] = measure(lambda: model.decode(encoded, rounds[5], previous), args.repeat)

    if args.train:
        params = dict(model.named_parameters())
        optimizer = ensam.MuonAdamW({name: p.data for name, p in params.items()})

        def step() -> None:
            model.zero_grad(set_to_none=True)
            ensam.training_gradients(model, volume, target, rounds)
            optimizer.step({name: p.grad for name, p in params.items()})
            model.normalize_weights()

        result["training step"] = measure(step, args.repeat)
    result["peakRssBytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
