"""What a source names: told by the bytes of the file, not by its name."""

from __future__ import annotations

import pytest

from mlscore.errors import ConfigError, InputError
from mlscore.predictors.sources import find


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("m.skops", b"PK\x03\x04....", "skops"),
        ("m.skops", b"\x80\x04\x95....", "pickled"),
        ("m.onnx", b"\x80\x02....", "pickled"),
        ("m.pkl", b"(lp0\n.", "pickled"),
        ("m.bin", b"\x1f\x8b....", "pickled"),
        ("m.onnx", b"\x08\x08\x12....", "onnx"),
        ("m.json", b'{"learner":{"attributes"', "xgboost"),
        ("m.bst", b"{L\0\0\0\0\0\0\0\x07learner{", "xgboost"),
        ("m.json", b'{\n "features_info":\n', "catboost"),
        ("m.model", b"CBM1....", "catboost"),
        ("m.txt", b"tree\nversion=v4\n", "lightgbm"),
    ],
)
def test_the_bytes_tell_the_kind(tmp_path, name, head, kind):
    (tmp_path / name).write_bytes(head)
    found = find(name, tmp_path)
    assert (found.kind, found.path) == (kind, tmp_path / name)


def test_a_function_is_told_by_its_colon(tmp_path):
    assert find("pkg.module:Class.method", tmp_path).kind == "callables"
    with pytest.raises(InputError):
        find("C:/models/m.skops", tmp_path)


def test_a_folder_of_mlflow_is_told_by_its_mlmodel(tmp_path):
    (tmp_path / "m").mkdir()
    with pytest.raises(ConfigError, match='"m" is a folder without an MLmodel; name the model\'s file'):
        find("m", tmp_path)
    (tmp_path / "m" / "MLmodel").touch()
    assert find("m", tmp_path).kind == "mlflow"


@pytest.mark.parametrize(
    ("source", "error", "sentence"),
    [
        ("modle.onnx", InputError, 'there is no model "modle.onnx"; did you mean "model.onnx"?'),
        ("other/m.onnx", InputError, 'there is no folder "other" either; train first, or mend the path'),
        (
            "net.pt",
            ConfigError,
            'a PyTorch model is opened by a function of yours, and "net.pt" is a file; write source = ',
        ),
        ("net.keras", ConfigError, "a Keras model is opened by a function of yours"),
        ("notes.md", ConfigError, 'no kind of model is known that "notes.md" could be; skops, joblib'),
        ("nothing.onnx", InputError, 'the model "nothing.onnx" is empty; write it again'),
        ("http://host/predict", InputError, 'there is no model "http://host/predict"'),
    ],
)
def test_what_is_no_model_is_one_sentence(tmp_path, source, error, sentence):
    for name in ("model.onnx", "net.pt", "net.keras", "notes.md"):
        (tmp_path / name).write_bytes(b"something")
    (tmp_path / "nothing.onnx").touch()
    with pytest.raises(error) as raised:
        find(source, tmp_path, "mlscore.toml:3")
    assert sentence in str(raised.value)
    assert str(raised.value).startswith("mlscore.toml:3: ")
