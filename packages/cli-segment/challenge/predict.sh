#!/bin/sh
# What the evaluator of the CVPR 2025 challenge calls in /workspace, once for each interaction: inputs/*.npz in, outputs/*.npz out.
exec ensam-segment --challenge --model "${ENSAM_MODEL:-/workspace/model.safetensors}" --device "${ENSAM_DEVICE:-auto}" --quiet
