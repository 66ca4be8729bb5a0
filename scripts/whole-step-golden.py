"""Writes one training step of a minute model as golden values: `python3 whole-step-golden.py OUT.safetensors`.

Needs python3 with torch. Inputs and weights are float32 numbers; the results (loss of three interactions, the logits of
the last, d(mean loss)/d(parameter), and the parameters after one Muon/AdamW update with weights brought back to unit
length) are computed from them in float64 and rounded to float32 once.
"""

from __future__ import annotations

import json
import struct
import sys

import torch

from ensam_torch import Box, Click, Config, Ensam, MuonAdamW, Prompts, interaction_loss, training_gradients

CONFIG = Config(filters=(1, 2, 4, 8), blocks_down=(1, 1, 1, 1), embed_dim=8, heads=2, depth=1, mlp_hidden=8,
                generator_size=4, mask_filters=(1, 2, 4))
SHAPE = (8, 16, 24)
RATE = 2e-3
BOX = Box((2, 4, 5), (6, 11, 17))
CLICKS = [Click((4, 7, 9), True), Click((1, 13, 20), False)]
ROUNDS = [Prompts((), BOX), Prompts(tuple(CLICKS[:1]), BOX), Prompts(tuple(CLICKS), BOX)]


def main() -> None:
    torch.manual_seed(14)
    model = Ensam(CONFIG)
    with torch.no_grad():
        for p in model.parameters():
            # Nothing is left 0, 1 or constant.
            p.add_(torch.randn_like(p) * (0.05 if p.ndim > 1 else 0.2))
        model.normalize_weights()
    volume = torch.rand(SHAPE)
    with torch.no_grad():
        # So that masks are neither empty nor full.
        model.decoder.head.bias.sub_(model.decode(model.encode(volume), ROUNDS[0]).median())
    z, y, x = torch.meshgrid(*[torch.arange(n) for n in SHAPE], indexing="ij")
    target = (((z - 4) / 2.6) ** 2 + ((y - 7.5) / 4.2) ** 2 + ((x - 11) / 6.4) ** 2 <= 1).float()
    tensors = {f"weight.{n}": p.detach().clone() for n, p in model.named_parameters()}
    tensors |= {"volume": volume, "target": target}

    model = model.double()
    losses = training_gradients(model, volume.double(), target.double(), ROUNDS)
    parameters = dict(model.named_parameters())
    gradients = {n: p.grad.clone() for n, p in parameters.items()}
    with torch.no_grad():
        encoded, logits = model.encode(volume.double()), None
        for prompts in ROUNDS:
            logits = model.decode(encoded, prompts, logits)
        assert abs(interaction_loss(logits, target.double()).total - losses[-1].total) < 1e-12
    MuonAdamW(parameters, grouping="default", lr_muon=RATE, lr_adamw=RATE).step(gradients)
    model.normalize_weights()
    tensors["losses"] = torch.tensor([[float(part) for part in parts] for parts in losses], dtype=torch.float64)
    tensors["logits"] = logits
    tensors |= {f"gradient.{n}": g for n, g in gradients.items()}
    tensors |= {f"after.{n}": p.detach() for n, p in parameters.items()}

    config = {"filters": CONFIG.filters, "blocksDown": CONFIG.blocks_down, "embedDim": CONFIG.embed_dim,
              "heads": CONFIG.heads, "depth": CONFIG.depth, "mlpHidden": CONFIG.mlp_hidden,
              "generatorSize": CONFIG.generator_size, "maskFilters": CONFIG.mask_filters,
              "alphaInit": CONFIG.alpha_init, "sQkInit": CONFIG.s_qk_init, "headBiasInit": CONFIG.head_bias_init,
              "position": "liere", "attention": "ngpt"}
    # Half-open, as in our code.
    box = {"min": BOX.low, "max": [end + 1 for end in BOX.high]}
    rounds = [{"box": box, "clicks": [{"at": c.position, "foreground": c.foreground} for c in p.clicks]}
              for p in ROUNDS]
    metadata = {"config": json.dumps(config), "rounds": json.dumps(rounds), "learningRate": str(RATE)}
    write(sys.argv[1], tensors, metadata)


def write(path: str, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    header, data, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        raw = tensor.detach().float().contiguous().numpy().tobytes()
        shape = list(tensor.shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


if __name__ == "__main__":
    main()
