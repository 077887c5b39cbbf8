"""Serving: images in, digits and their probabilities out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from digits import data

if TYPE_CHECKING:
    from pathlib import Path


class ImageError(ValueError):
    """The images are not as they should be; the message says in what."""


def predict(model: Path, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the digit of each image, and the probability of each of the ten; raises `ImageError` for wrong images."""
    found = data.problems(pixels)
    if found:
        raise ImageError("; ".join(found))
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    labels, shares = session.run(None, {session.get_inputs()[0].name: pixels.astype(np.float32)})
    return labels, shares
