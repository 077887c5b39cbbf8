"""The network: its specification, its training epoch by epoch, and its form as ONNX."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from digits.data import INK, PIXELS, shifted

SEED = 3
EPOCHS = 40
PARAMETERS: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "params.toml").read_text("utf-8"))["network"]
MOVES = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
"""What each image is also learnt as: moved by a pixel, it is still the same digit."""


def build(seed: int = SEED, *, hidden: int = PARAMETERS["hidden"], alpha: float = PARAMETERS["alpha"]) -> MLPClassifier:
    """Return the network before any training: 64 pixels, `hidden` units, ten digits."""
    return MLPClassifier(
        hidden_layer_sizes=(hidden,), alpha=alpha, learning_rate_init=0.002, batch_size=64, max_iter=EPOCHS,
        random_state=seed,
    )  # fmt: skip


def augmented(pixels: np.ndarray, digits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the images in all `MOVES`, their pixels scaled to 0 to 1, and their labels."""
    return np.vstack([shifted(pixels / INK, *move) for move in MOVES]), np.tile(digits, len(MOVES))


def fit(
    pixels: np.ndarray, digits: np.ndarray, *, epochs: int = EPOCHS, seed: int = SEED, **parameters: Any
) -> tuple[MLPClassifier, list[float]]:
    """Return the trained network and the loss of each epoch; the same seed gives the same network.

    It takes pixels of 0 to 1, as `augmented` gives them.
    """
    network, losses = build(seed, **parameters), []
    order = np.random.default_rng(seed)
    for _ in range(epochs):
        chosen = order.permutation(len(digits))
        network.partial_fit(pixels[chosen], digits[chosen], classes=range(10))
        losses.append(float(network.loss_))
    return network, losses


def save(network: MLPClassifier, path: Path, *, notes: dict[str, str] | None = None) -> None:
    """Write the network with its scaling to an ONNX file, whose metadata name the pixels in their order."""
    from skl2onnx import to_onnx

    # Scaling belongs to the model: in serving nobody can forget it, or do it twice.
    whole = MLPClassifier(**network.get_params())
    whole.__dict__.update(network.__dict__)
    whole.coefs_ = [network.coefs_[0] / INK, *network.coefs_[1:]]
    example = np.zeros((1, len(PIXELS)), dtype=np.float32)
    graph = to_onnx(whole, example, name="digits", options={"zipmap": False})
    for key, value in {"feature_names": json.dumps(PIXELS), **(notes or {})}.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(graph.SerializeToString(deterministic=True))
