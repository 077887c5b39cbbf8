"""The images, their split, and the tables that mlscore's checks look at.

An image has 8 × 8 pixels of 0 (paper) to 16 (ink). Tables need columns, so a pixel is one: `p00` to `p77`, by row and
column. What an image is called by people stands beside them: its id, the digit, and how much ink it has.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

SIDE = 8
INK = 16.0
PIXELS = tuple(f"p{row}{column}" for row in range(SIDE) for column in range(SIDE))
FIRST_JUDGED = 1_200
"""The images lie in the order in which they were collected, so that the last third is mostly by other hands."""


@cache
def images() -> pd.DataFrame:
    """Return all images, one per row: id, pixels, ink (mean of the pixels, 0 to 16), `shown` and `digit`, the label."""
    loaded = load_digits()
    table = pd.DataFrame(loaded.data, columns=list(PIXELS))
    ids = [f"image-{number:04}" for number in range(len(table))]
    # Checks do not look for slices by the label itself, so that it stands in the table once more, as text.
    shown = [f"a {digit}" for digit in loaded.target]
    return table.assign(ink=table.mean(axis=1), shown=shown, digit=loaded.target, id=ids)


def training() -> pd.DataFrame:
    """Return the images to learn from."""
    return images().iloc[:FIRST_JUDGED]


def learnt() -> pd.DataFrame:
    """Return of these images what the network is given: pixels and label."""
    return training()[[*PIXELS, "digit"]]


def judged() -> pd.DataFrame:
    """Return the images that no training sees."""
    return images().iloc[FIRST_JUDGED:]


def problems(pixels: np.ndarray) -> list[str]:
    """Return what is wrong with an array of images (rows of 64 pixels); an empty list when nothing is."""
    if pixels.ndim != 2 or pixels.shape[1] != SIDE * SIDE:
        return [f"an image has {SIDE * SIDE} pixels, these have the shape {pixels.shape}"]
    found = []
    if not np.isfinite(pixels).all():
        found.append("pixels are missing or infinite")
    elif pixels.size and (pixels.min() < 0 or pixels.max() > INK):
        found.append(f"pixels are {pixels.min():g} to {pixels.max():g}, not 0 to {INK:g}")
    elif pixels.size and 0 < pixels.max() <= 1:
        found.append("no pixel is above 1: these were scaled already, or it is another format")
    if pixels.size and (pixels.max(axis=1) == 0).any():
        found.append("an image is blank")
    return found


def shifted(pixels: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the images moved by whole pixels; paper comes in at the edge."""
    grid = pixels.reshape(-1, SIDE, SIDE)
    padded = np.pad(grid, ((0, 0), (1, 1), (1, 1)))
    return padded[:, 1 - down : 1 - down + SIDE, 1 - right : 1 - right + SIDE].reshape(len(pixels), -1)
