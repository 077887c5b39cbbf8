"""What every model must keep, as base classes."""

import numpy as np


class Contract:
    def make(self):
        raise NotImplementedError

    def assert_finite(self, values):
        assert np.isfinite(values).all()

    def show(self, values):
        print(values)


class PredictionContract(Contract):
    features = [[1.0, 2.0], [3.0, 4.0]]

    def test_one_value_a_row(self):  # expect: ok
        assert len(self.make().predict(self.features)) == len(self.features)

    def test_shows_values(self):  # expect: hollow no-assertion
        self.show(self.make().predict(self.features))
