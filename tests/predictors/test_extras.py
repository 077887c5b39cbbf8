"""An extra that is absent is named with the command that installs it."""

from __future__ import annotations

import pytest

from mlscore.errors import UsageError
from mlscore.predictors.extras import need


def test_what_is_there_is_imported():
    assert need("json", "model").dumps([1]) == "[1]"


@pytest.mark.parametrize("extra", ["model", "onnx", "boosters", "mlflow"])
def test_what_is_absent_says_the_command(extra):
    with pytest.raises(UsageError) as error:
        need("no_such_library.io", extra)
    assert str(error.value) == (
        f'no_such_library is not installed, which this model needs; pip install "ml-test-score[{extra}]"'
    )


def test_a_model_whose_extra_is_absent_says_so(tmp_path):
    import sys

    from mlscore.predictors import open_predictor
    from mlscore.project.config import ModelSettings

    (tmp_path / "onnxruntime.py").write_text("raise ImportError(name='onnxruntime')\n", encoding="utf-8")
    (tmp_path / "m.onnx").write_bytes(b"\x08\x08\x12")
    with pytest.raises(UsageError) as error:
        open_predictor(ModelSettings(source="m.onnx"), tmp_path)
    assert str(error.value) == 'onnxruntime is not installed, which this model needs; pip install "ml-test-score[onnx]"'
    assert "onnxruntime" not in sys.modules or sys.modules["onnxruntime"].__file__ != str(tmp_path / "onnxruntime.py")
