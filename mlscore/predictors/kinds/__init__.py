"""One file for each kind of model: how it is recognised, opened and asked."""
