"""Writes the page about the fault catalogue for models from the catalogue itself."""

from __future__ import annotations

from dataclasses import fields

from mlscore.faults.models import ModelFault, model_catalogue

INTRODUCTION = """\
# Faults for models

A gate that lets everything through and a gate that works look the same until a bad model comes. The catalogue makes bad
models on purpose: {count} faults, each a documented way in which models go wrong, sized, and reproducible from a seed. They
take a fitted estimator in the manner of scikit-learn, or a function that predicts, with its training rows and labels, and
never change the one they are given. They need `pip install "ml-test-score[data,model]"`.

```python
from mlscore.faults.models import every_model_fault, model_catalogue, model_fault

broken = model_fault("label-shuffled", share=0.5).apply(model, rows, labels, seed=1)
broken.model        # an estimator like the given one
broken.changed      # 0.23: the share of the training rows that it answers otherwise
broken.description  # trained with 212 of 500 labels wrong
```

## Try your own gate

```python
import pytest
from mlscore.faults.models import model_catalogue

@pytest.mark.parametrize("fault", model_catalogue(), ids=str)
def test_the_gate_refuses_it(fault):
    broken = fault.apply(MODEL, ROWS, LABELS)
    assert my_gate(broken.model).refuses, broken.description
```

Or in one loop, which leaves out what cannot be put into this model: `for broken in every_model_fault(MODEL, ROWS, LABELS)`.
The check `quality-gate` does the same with a gate that is a command.

## What holds for all of them

- At least one answer differs, or `apply` raises `InputError` and says why the fault cannot be put into this model. With
  *seed removed*, chance decides.
- The same model, rows, settings and seed give the same broken model (with the same versions of numpy and scikit-learn); but
  for *seed removed*, of which that is the point.
- The broken model is of the class of the given one wherever that can be (`same_kind`), so that it is written and read as
  that one is. Some faults stand around the model: then it is an object with `predict`, and `predict_proba` where the model
  has it.
- How much a fault costs depends on the model and the data: a swap of features that hardly count is no harm, and a gate that
  accepts it is right. `changed` says how many answers differ; measure the loss before you blame the gate.
- A function instead of an estimator can be served wrongly, but not trained again without `fit=`, a function of rows, labels
  and a seed that returns a model.

"""


def page() -> str:
    """The page in Markdown."""
    known = model_catalogue()
    lines = [INTRODUCTION.format(count=len(known)), "## The faults", "", "| fault | trains again |", "|---|---|"]
    lines += [f"| [{each.id}](#{each.id}) {each.title} | {'yes' if each.trains else 'no'} |" for each in known]
    lines.append("")
    for each in known:
        lines += _section(each)
    return "\n".join(lines).rstrip() + "\n"


def _section(fault: ModelFault) -> list[str]:
    lines = [f"### {fault.id}", "", f"**{fault.title}.** {fault.does}", "", f"*Imitates:* {fault.incident}", ""]
    settings = [f"- `{each.name}`: {each.metadata['help']} (default `{each.default!r}`)" for each in fields(fault)]
    return [*lines, *settings, ""] if settings else lines
