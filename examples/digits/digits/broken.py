"""Networks that must never serve, for trying the gate; `python -m digits.broken` writes them to models/broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from digits import data, network

FOLDER = Path("models/broken")


def main() -> None:
    """Write a network that learnt shuffled labels, and one whose labels were encoded off by one."""
    table = data.training()
    pixels, digits = table[list(data.PIXELS)].to_numpy(), table["digit"].to_numpy()
    shuffled = np.random.default_rng(1).permutation(digits)
    for name, labels in (("shuffled", shuffled), ("off-by-one", (digits + 1) % 10)):
        trained, _ = network.fit(*network.augmented(pixels, labels), epochs=10)
        network.save(trained, FOLDER / f"{name}.onnx")


if __name__ == "__main__":
    main()
