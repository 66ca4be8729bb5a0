"""ENSAM in PyTorch: the same network, loss and optimiser, for bench-torch.py to time.

There is no batch axis in the public functions: the model always handles one volume. Axis order is (z, y, x) everywhere.
"""

from __future__ import annotations

import math
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Callable, ContextManager, Dict, List, NamedTuple, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

NORM_EPS = 1e-5        # instance normalisation
UNIT_EPS = 1e-6        # lower bound of the length in Norm(v), and summand in the channel RMS norm
DICE_EPS = 1e-5


@dataclass(frozen=True)
class Config:
    filters: Tuple[int, ...] = (16, 32, 64, 128)
    blocks_down: Tuple[int, ...] = (1, 1, 2, 4)
    embed_dim: int = 128
    heads: int = 4
    depth: int = 2
    mlp_hidden: int = 256
    generator_size: int = 32
    mask_filters: Tuple[int, ...] = (16, 32, 64)
    alpha_init: float = 0.05
    s_qk_init: float = 1.0
    head_bias_init: float = -5.0

    def __post_init__(self) -> None:
        if self.embed_dim != self.filters[-1]:
            raise ValueError("embed_dim must equal the deepest filter count")
        if self.generator_size * self.heads != self.embed_dim:
            raise ValueError("generator_size must equal embed_dim / heads")


CONFIGS: Dict[str, Config] = {
    "paper": Config(),
    "small": Config(
        filters=(8, 16, 32, 64),
        blocks_down=(1, 1, 2, 2),
        embed_dim=64,
        heads=2,
        mlp_hidden=128,
        generator_size=32,
        mask_filters=(8, 16, 32),
    ),
    "tiny": Config(
        filters=(4, 8, 16, 32),
        blocks_down=(1, 1, 1, 1),
        embed_dim=32,
        heads=2,
        mlp_hidden=64,
        generator_size=16,
        mask_filters=(4, 8, 16),
    ),
}


class Click(NamedTuple):
    position: Tuple[float, float, float]  # voxel index (z, y, x)
    foreground: bool


class Box(NamedTuple):
    low: Tuple[float, float, float]       # first voxel inside, (z, y, x)
    high: Tuple[float, float, float]      # last voxel inside, (z, y, x)


@dataclass(frozen=True)
class Prompts:
    clicks: Tuple[Click, ...] = ()
    box: Optional[Box] = None



# --------------------------------------------------------------------------- convolutional parts


def unit(v: Tensor, dim: int = -1) -> Tensor:
    """Norm(v) = v / max(|v|, 1e-6)."""
    length = torch.linalg.vector_norm(v, dim=dim, keepdim=True)
    return v / length.clamp_min(UNIT_EPS)


def channel_rms_norm(x: Tensor) -> Tensor:
    """x * sqrt(C) / (|x| + 1e-6), the length being taken over the channels of [1, C, z, y, x]."""
    length = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    return x * (math.sqrt(x.shape[1]) / (length + UNIT_EPS))


class InstanceNorm(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        if x[0, 0].numel() == 1:  # a single voxel has no variance: (x - mean) is 0
            return (x - x) * self.weight.view(1, -1, 1, 1, 1) + self.bias.view(1, -1, 1, 1, 1)
        return F.instance_norm(x, weight=self.weight, bias=self.bias, eps=NORM_EPS)


class Kernel(nn.Module):
    """A 3-D convolution whose parameters are `weight` [out, in, k, k, k] and optionally `bias`."""

    def __init__(self, cin: int, cout: int, k: int, stride: int = 1, bias: bool = False) -> None:
        super().__init__()
        self.stride = stride
        self.padding = 1 if k == 3 else 0
        self.weight = nn.Parameter(torch.empty(cout, cin, k, k, k))
        bound = 1.0 / math.sqrt(cin * k**3)
        nn.init.uniform_(self.weight, -bound, bound)
        self.bias = nn.Parameter(torch.empty(cout).uniform_(-bound, bound)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        return F.conv3d(x, self.weight, self.bias, stride=self.stride, padding=self.padding)


class ResidualBlock(nn.Module):
    """norm - ReLU - conv - norm - ReLU - conv, plus the identity or a 1x1x1 projection of it."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        self.norm1 = InstanceNorm(cin)
        self.conv1 = Kernel(cin, cout, 3)
        self.norm2 = InstanceNorm(cout)
        self.conv2 = Kernel(cout, cout, 3)
        self.shortcut = Kernel(cin, cout, 1) if cin != cout else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(F.relu(self.norm1(x)))
        y = self.conv2(F.relu(self.norm2(y)))
        return y + (x if self.shortcut is None else self.shortcut(x))


class Stage(nn.Module):
    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(ResidualBlock(channels, channels) for _ in range(blocks))

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return x


class Encoder(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        f = cfg.filters
        self.stem = Kernel(1, f[0], 3)
        self.stages = nn.ModuleList(Stage(c, n) for c, n in zip(f, cfg.blocks_down))
        self.downs = nn.ModuleList(Kernel(a, b, 3, stride=2) for a, b in zip(f[:-1], f[1:]))

    def forward(self, volume: Tensor) -> List[Tensor]:
        """volume [1, 1, z, y, x] with values in [0, 1]; returns the outputs of all stages."""
        x = self.stem(volume - 0.5)
        outputs = []
        for i, stage in enumerate(self.stages):
            if i > 0:
                x = self.downs[i - 1](x)
            x = stage(x)
            outputs.append(x)
        return outputs


class MaskEncoder(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        widths = (1,) + tuple(cfg.mask_filters)
        self.convs = nn.ModuleList(
            Kernel(a, b, 2, stride=2, bias=True) for a, b in zip(widths[:-1], widths[1:])
        )
        self.project = Kernel(widths[-1], cfg.embed_dim, 1, bias=True)

    def forward(self, logits: Tensor) -> Tensor:
        x = logits
        for conv in self.convs:
            x = F.gelu(channel_rms_norm(conv(x)))
        return self.project(x)


class Decoder(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        f = cfg.filters
        self.stages = nn.ModuleList(ResidualBlock(3 * c, c) for c in reversed(f[:-1]))
        self.head = Kernel(f[0], 1, 1, bias=True)
        nn.init.constant_(self.head.bias, cfg.head_bias_init)

    def forward(self, deepest: Tensor, skips: Sequence[Tensor]) -> Tensor:
        x = deepest
        for i, (stage, skip) in enumerate(zip(self.stages, reversed(skips))):
            x = F.interpolate(x, scale_factor=2, mode="trilinear", align_corners=False)
            x = stage(torch.cat([x, skip], dim=1))
        return self.head(x)


# --------------------------------------------------------------------------- prompts and rotations


class PromptEncoder(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.click_embed = nn.Parameter(unit(torch.randn(2, cfg.embed_dim)))
        self.corner_embed = nn.Parameter(unit(torch.randn(2, cfg.embed_dim)))

    def forward(self, prompts: Prompts) -> Tuple[Tensor, Tensor]:
        """Returns unit tokens [P, C] and voxel coordinates [P, 3]: clicks first, then the box."""
        tokens, points = [], []
        for click in prompts.clicks:
            tokens.append(self.click_embed[1 if click.foreground else 0])
            points.append(click.position)
        if prompts.box is not None:
            for row, corner in enumerate(prompts.box):
                tokens.append(self.corner_embed[row])
                points.append(corner)
        if not tokens:
            return self.click_embed.new_zeros(0, self.click_embed.shape[1]), self.click_embed.new_zeros(0, 3)
        return unit(torch.stack(tokens)), self.click_embed.new_tensor(points)


class Position(nn.Module):
    """Rotations R(p) = expm(p_z A_z + p_y A_y + p_x A_x), one set for all heads and layers."""

    def __init__(self, cfg: Config) -> None:
        super().__init__()
        g = cfg.generator_size
        self.generators = nn.Parameter(torch.rand(3, g, g) * (2 * math.pi))

    def skew(self) -> Tensor:
        upper = self.generators.triu(diagonal=1)
        return upper - upper.transpose(-1, -2)

    def forward(self, positions: Tensor) -> Tensor:
        """positions [N, 3] -> rotations [N, g, g], in full precision whatever autocast is on."""
        with torch.autocast(positions.device.type, enabled=False):
            return torch.matrix_exp(torch.einsum("na,aij->nij", positions, self.skew()))


def grid_positions(dims: Sequence[int], like: Tensor) -> Tensor:
    """(index + 0.5) / max(dims) of every voxel in z, y, x scan order, [N, 3]."""
    axes = [torch.arange(n, dtype=like.dtype, device=like.device) for n in dims]
    index = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 3)
    return (index + 0.5) / max(dims)


# --------------------------------------------------------------------------- interaction


class Linear(nn.Module):
    """y = W x + b. `unit_axis` tells along which axis of W [out, in] vectors have unit length."""

    def __init__(self, cin: int, cout: int, std: float, unit_axis: int) -> None:
        super().__init__()
        self.unit_axis = unit_axis
        self.weight = nn.Parameter(torch.randn(cout, cin) * std)
        self.bias = nn.Parameter(torch.zeros(cout))
        self.normalize()

    @torch.no_grad()
    def normalize(self) -> None:
        self.weight.copy_(unit(self.weight, dim=self.unit_axis))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class SphereStep(nn.Module):
    """step(h, y) = Norm(h + |alpha_eff| * (Norm(y) - h)) with a learned alpha per channel."""

    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.alpha_factor = cfg.alpha_init * math.sqrt(cfg.embed_dim)
        self.alpha = nn.Parameter(torch.full((cfg.embed_dim,), 1.0 / math.sqrt(cfg.embed_dim)))

    def step(self, h: Tensor, y: Tensor) -> Tensor:
        rate = (self.alpha * self.alpha_factor).abs()
        return unit(h + rate * (unit(y) - h))


class Attention(SphereStep):
    def __init__(self, cfg: Config) -> None:
        super().__init__(cfg)
        c = cfg.embed_dim
        std = 1.0 / math.sqrt(c)
        self.heads = cfg.heads
        self.s_qk_factor = cfg.s_qk_init * math.sqrt(c)
        self.q = Linear(c, c, std, unit_axis=1)
        self.k = Linear(c, c, std, unit_axis=1)
        self.v = Linear(c, c, std, unit_axis=1)
        self.out = Linear(c, c, std, unit_axis=0)
        self.s_qk = nn.Parameter(torch.full((c,), 1.0 / math.sqrt(c)))

    def split(self, x: Tensor) -> Tensor:
        n, c = x.shape
        return x.view(n, self.heads, c // self.heads).transpose(0, 1)  # [heads, N, d]

    def scale_and_rotate(self, x: Tensor, rotations: Tensor) -> Tensor:
        s = (self.s_qk * self.s_qk_factor).view(self.heads, 1, -1)
        return torch.einsum("nij,hnj->hni", rotations, s * unit(x))

    def forward(self, a: Tensor, b: Tensor, rot_a: Tensor, rot_b: Tensor) -> Tensor:
        """Tokens a [Na, C] attend to tokens b [Nb, C]; returns the new a."""
        q = self.scale_and_rotate(self.split(self.q(a)), rot_a)
        k = self.scale_and_rotate(self.split(self.k(b)), rot_b)
        v = self.split(self.v(b))
        scores = math.sqrt(q.shape[-1]) * (q @ k.transpose(-1, -2))
        y = (scores.softmax(dim=-1) @ v).transpose(0, 1).reshape(a.shape)
        return self.step(a, self.out(y))


class Mlp(SphereStep):
    def __init__(self, cfg: Config) -> None:
        super().__init__(cfg)
        std = 1.0 / math.sqrt(cfg.embed_dim)
        self.up = Linear(cfg.embed_dim, cfg.mlp_hidden, std, unit_axis=1)
        self.down = Linear(cfg.mlp_hidden, cfg.embed_dim, std, unit_axis=0)
        self.s_u = nn.Parameter(torch.ones(cfg.mlp_hidden))

    def forward(self, h: Tensor) -> Tensor:
        return self.step(h, self.down(F.relu(self.s_u * self.up(h))))


class InteractionBlock(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.self_attention = Attention(cfg)
        self.prompt_to_image = Attention(cfg)
        self.mlp = Mlp(cfg)
        self.image_to_prompt = Attention(cfg)

    def forward(self, image: Tensor, prompt: Tensor, rot_image: Tensor, rot_prompt: Tensor) -> Tuple[Tensor, Tensor]:
        prompt = self.self_attention(prompt, prompt, rot_prompt, rot_prompt)
        prompt = self.prompt_to_image(prompt, image, rot_prompt, rot_image)
        prompt = self.mlp(prompt)
        image = self.image_to_prompt(image, prompt, rot_image, rot_prompt)
        return image, prompt


class Interaction(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(InteractionBlock(cfg) for _ in range(cfg.depth))

    def forward(self, image: Tensor, prompt: Tensor, rot_image: Tensor, rot_prompt: Tensor) -> Tensor:
        if prompt.shape[0] == 0:
            return image
        for i, block in enumerate(self.blocks):
            image, prompt = block(image, prompt, rot_image, rot_prompt)
        return image


# --------------------------------------------------------------------------- model


class Encoded(NamedTuple):
    """What is computed once per volume."""

    skips: Tuple[Tensor, ...]
    bottleneck: Tensor
    rotations: Tensor  # of the image tokens, [N, g, g]

    def detached(self) -> "Encoded":
        def leaf(t: Tensor) -> Tensor:
            return t.detach().requires_grad_(t.requires_grad)
        return Encoded(tuple(leaf(s) for s in self.skips), leaf(self.bottleneck), leaf(self.rotations))

    def tensors(self) -> List[Tensor]:
        return [*self.skips, self.bottleneck, self.rotations]


class Ensam(nn.Module):
    def __init__(self, cfg: Config) -> None:
        super().__init__()
        self.cfg = cfg
        self.encoder = Encoder(cfg)
        self.mask_encoder = MaskEncoder(cfg)
        self.prompt_encoder = PromptEncoder(cfg)
        self.position = Position(cfg)
        self.interaction = Interaction(cfg)
        self.decoder = Decoder(cfg)

    def encode(self, volume: Tensor) -> Encoded:
        """volume [z, y, x], values in [0, 1], every dimension a multiple of 8."""
        if any(n % 8 for n in volume.shape):
            raise ValueError("every dimension must be a multiple of 8")
        *skips, bottleneck = self.encoder(volume[None, None])
        rotations = self.position(grid_positions(bottleneck.shape[2:], volume))
        return Encoded(tuple(skips), bottleneck, rotations)

    def decode(self, encoded: Encoded, prompts: Prompts, previous_logits: Optional[Tensor] = None) -> Tensor:
        """One interaction: returns logits [z, y, x]."""
        x = encoded.bottleneck
        shape = encoded.skips[0].shape[2:]
        if previous_logits is not None:
            mask = self.mask_encoder(previous_logits[None, None])
            x = x + mask
        c, grid = x.shape[1], x.shape[2:]
        image = unit(x[0].reshape(c, -1).t())
        prompt, voxels = self.prompt_encoder(prompts)
        points = (voxels + 0.5) / max(shape)
        image = self.interaction(image, prompt, encoded.rotations, self.position(points))
        deepest = (image * math.sqrt(c)).t().reshape(1, c, *grid)
        logits = self.decoder(deepest, encoded.skips)[0, 0]
        return logits

    @torch.no_grad()
    def normalize_weights(self) -> None:
        """To be called after every optimiser step."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.normalize()
        for table in (self.prompt_encoder.click_embed, self.prompt_encoder.corner_embed):
            table.copy_(unit(table))


# --------------------------------------------------------------------------- loss and training step


class LossParts(NamedTuple):
    total: Tensor
    dice: Tensor
    bce: Tensor


def interaction_loss(logits: Tensor, target: Tensor) -> LossParts:
    """Soft Dice with squared denominator + 2 * mean binary cross-entropy."""
    p = torch.sigmoid(logits)
    overlap = (p * target).sum()
    denominator = (p * p).sum() + (target * target).sum()
    dice = 1 - (2 * overlap + DICE_EPS) / (denominator + DICE_EPS)
    bce = F.binary_cross_entropy_with_logits(logits, target)
    return LossParts(dice + 2 * bce, dice, bce)


def training_gradients(
    model: Ensam,
    volume: Tensor,
    target: Tensor,
    rounds: Sequence[Prompts],
    forward: Callable[[], ContextManager] = nullcontext,
) -> List[LossParts]:
    """Adds d(mean loss)/d(parameter) to .grad, holding one decoder graph at a time.

    The encoder runs once. Every interaction is back-propagated on its own down to the encoder's
    outputs, whose gradients accumulate; the encoder is back-propagated once at the end. Forward passes run in the context
    that `forward` makes.
    """
    with forward():
        encoded = model.encode(volume)
    shared = encoded.detached()
    losses, previous = [], None
    for prompts in rounds:
        with forward():
            logits = model.decode(shared, prompts, previous)
            parts = interaction_loss(logits, target)
        (parts.total / len(rounds)).backward()
        losses.append(LossParts(*(p.detach() for p in parts)))
        previous = logits.detach()
    pairs = [(t, s.grad) for t, s in zip(encoded.tensors(), shared.tensors()) if s.grad is not None]
    torch.autograd.backward([t for t, _ in pairs], [g for _, g in pairs])
    return losses


# --------------------------------------------------------------------------- optimiser

NS_COEFFICIENTS = (3.4445, -4.7750, 2.0315)


def newton_schulz(u: Tensor, steps: int = 5) -> Tensor:
    """Approximate orthogonalisation of a matrix [rows, columns]."""
    a, b, c = NS_COEFFICIENTS
    tall = u.shape[0] > u.shape[1]
    x = u.t() if tall else u
    x = x / (torch.linalg.vector_norm(x) + 1e-7)
    for _ in range(steps):
        g = x @ x.t()
        x = a * x + (b * g + c * (g @ g)) @ x
    return x.t() if tall else x


def uses_adamw(name: str, tensor: Tensor, grouping: str) -> bool:
    if tensor.ndim < 2:
        return True
    if grouping == "paper":
        return False
    if grouping == "default":
        return name.startswith(("position.", "prompt_encoder.", "encoder.stem.", "decoder.head."))
    raise ValueError(grouping)


@dataclass
class MuonAdamW:
    """Muon for matrices (tensors flattened to [out, rest]) and AdamW for the others."""

    parameters: Dict[str, Tensor]
    grouping: str = "default"
    lr_muon: float = 2e-3
    lr_adamw: float = 2e-3
    weight_decay: float = 0.0
    momentum: float = 0.95
    scale: float = 1.0
    betas: Tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    steps: int = 0
    state: Dict[str, Dict[str, Tensor]] = field(default_factory=dict)

    @torch.no_grad()
    def step(self, gradients: Dict[str, Tensor]) -> None:
        self.steps += 1
        for name, w in self.parameters.items():
            g = gradients[name]
            if uses_adamw(name, w, self.grouping):
                self.adamw(self.state.setdefault(name, {}), w, g)
            else:
                self.muon(self.state.setdefault(name, {}), w, g)

    def muon(self, state: Dict[str, Tensor], w: Tensor, g: Tensor) -> None:
        buf = state.setdefault("buf", torch.zeros_like(w))
        buf.mul_(self.momentum).add_(g)
        u = g + self.momentum * buf
        o = newton_schulz(u.reshape(u.shape[0], -1)).reshape(w.shape)
        w.mul_(1 - self.lr_muon * self.weight_decay)
        w.sub_(self.lr_muon * self.scale * o)

    def adamw(self, state: Dict[str, Tensor], w: Tensor, g: Tensor) -> None:
        b1, b2 = self.betas
        m = state.setdefault("m", torch.zeros_like(w))
        v = state.setdefault("v", torch.zeros_like(w))
        m.mul_(b1).add_(g, alpha=1 - b1)
        v.mul_(b2).addcmul_(g, g, value=1 - b2)
        w.mul_(1 - self.lr_adamw * self.weight_decay)
        m_hat = m / (1 - b1**self.steps)
        v_hat = v / (1 - b2**self.steps)
        w.sub_(self.lr_adamw * m_hat / (v_hat.sqrt() + self.eps))


# --------------------------------------------------------------------------- cost


def mac_counts(cfg: Config, shape: Sequence[int], prompts: int) -> Dict[str, Dict[str, int]]:
    """Multiply-accumulates of one pass, by component and part. Norms and activations are not counted."""
    voxels = math.prod(shape)
    if any(n % 8 for n in shape):
        raise ValueError("every dimension must be a multiple of 8")
    f, c = cfg.filters, cfg.embed_dim
    level = [voxels // 8**i for i in range(4)]

    encoder = {"stem": 27 * f[0] * level[0]}
    for i, n in enumerate(cfg.blocks_down):
        if i:
            encoder[f"downs.{i - 1}"] = 27 * f[i - 1] * f[i] * level[i]
        encoder[f"stages.{i}"] = n * 2 * 27 * f[i] ** 2 * level[i]

    mask, widths = {}, (1,) + tuple(cfg.mask_filters)
    for i in range(3):
        mask[f"convs.{i}"] = 8 * widths[i] * widths[i + 1] * level[i + 1]
    mask["project"] = widths[-1] * c * level[3]

    n, p, g = level[3], prompts, cfg.generator_size

    def attention(na: int, nb: int) -> int:
        projections = (2 * na + 2 * nb) * c * c       # q and out for a; k and v for b
        rotations = (na + nb) * c * g
        return projections + rotations + 2 * na * nb * c

    interaction = {
        "self_attention": cfg.depth * attention(p, p),
        "prompt_to_image": cfg.depth * attention(p, n),
        "mlp": cfg.depth * p * 2 * c * cfg.mlp_hidden,
        "image_to_prompt": cfg.depth * attention(n, p),
    }

    decoder = {}
    for i, ch in enumerate(reversed(f[:-1])):
        decoder[f"stages.{i}"] = (27 * 3 * ch * ch + 27 * ch * ch + 3 * ch * ch) * level[2 - i]
    decoder["head"] = f[0] * level[0]
    return {"encoder": encoder, "mask_encoder": mask, "interaction": interaction, "decoder": decoder}


def build(name: str, seed: int = 0) -> Ensam:
    torch.manual_seed(seed)
    return Ensam(CONFIGS[name])
