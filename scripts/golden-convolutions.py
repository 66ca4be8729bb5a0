"""Writes the golden file of 3x3x3 convolutions in the shapes of Winograd's algorithm: python3 golden-convolutions.py FILE.

Inputs follow a formula that both sides compute (see `numbers`), so only results are stored: output, grad.x and grad.weight of
sum(output * grad_output), by torch.nn.functional.conv3d in float64, rounded once to float32. Feature maps are [C, z, y, x].
"""

import json
import struct
import sys

import torch
import torch.nn.functional as F

CASES = [(16, 24, (5, 6, 7)), (32, 16, (9, 7, 5))]


def numbers(shape, seed):
    """Multiples of 1/1024 in [-1, 1), exact in float32."""
    count = torch.Size(shape).numel()
    index = torch.arange(count, dtype=torch.int64)
    values = (index * 7919 + (index // 13) * 104729 + seed * 6007) % 2048
    return ((values - 1024).double() / 1024).reshape(shape)


def results(channels, outputs, grid):
    x = numbers((1, channels, *grid), 1).requires_grad_()
    weight = (numbers((outputs, channels, 3, 3, 3), 2) / 4).requires_grad_()
    y = F.conv3d(x, weight, padding=1)
    (y * numbers((1, outputs, *grid), 3)).sum().backward()
    return {"output": y[0], "grad.x": x.grad[0], "grad.weight": weight.grad}


def main(path):
    header, data = {}, b""
    for channels, outputs, grid in CASES:
        name = f"{channels}_{outputs}_{'x'.join(map(str, grid))}"
        for key, value in results(channels, outputs, grid).items():
            content = value.detach().float().contiguous().numpy().tobytes()
            offsets = [len(data), len(data) + len(content)]
            header[f"{name}.{key}"] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": offsets}
            data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


main(sys.argv[1])
