"""What an image may look like, in training and in serving, and that the split is one."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import RELEASED
from digits import data
from digits.predict import ImageError, predict


@pytest.mark.mlscore("data-1")
def test_all_images_are_as_they_should_be(pixels, training_pixels):
    assert data.problems(pixels) == []
    assert data.problems(training_pixels) == []
    assert set(data.images()["digit"]) == set(range(10))


@pytest.mark.mlscore("data-1", "monitor-2")
@pytest.mark.parametrize(
    ("breach", "words"),
    [
        (lambda p: p[:, :63], "64 pixels"),
        (lambda p: p.reshape(-1, 8, 8), "64 pixels"),
        (lambda p: np.where(p == 8, np.nan, p), "missing"),
        (lambda p: p * 16, "not 0 to 16"),
        (lambda p: p - 1, "not 0 to 16"),
        (lambda p: p / 16, "scaled already"),
        (lambda p: p * 0, "blank"),
    ],
    ids=["too few", "a grid", "missing", "0 to 256", "negative", "scaled", "blank"],
)
def test_serving_refuses_what_is_no_image(pixels, breach, words):
    with pytest.raises(ImageError, match=words):
        predict(RELEASED, breach(pixels))


@pytest.mark.mlscore("data-7")
def test_shifting_moves_an_image_and_brings_in_paper():
    image = np.zeros((8, 8))
    image[3, 4], image[0, 0] = 7, 5
    moved = data.shifted(image.reshape(1, 64), 1, -1).reshape(8, 8)
    assert moved[4, 3] == 7
    assert moved.sum() == 7
    np.testing.assert_array_equal(data.shifted(image.reshape(1, 64), 0, 0)[0], image.ravel())


@pytest.mark.mlscore("data-7")
def test_a_pixel_has_the_place_in_the_table_that_its_name_says():
    row = data.images().iloc[0]
    grid = row[list(data.PIXELS)].to_numpy(dtype=float).reshape(8, 8)
    assert grid[2, 5] == row["p25"]
    assert row["ink"] == pytest.approx(grid.mean())


def test_no_image_is_in_both_parts(pixels, training_pixels):
    assert not {one.tobytes() for one in pixels} & {one.tobytes() for one in training_pixels}
