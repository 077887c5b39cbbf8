"""unittest classes."""

import unittest
from unittest import TestCase, mock

import numpy as np
import tensorflow as tf

from contracts import Contract, PredictionContract
from parcel.evaluate import accuracy
from parcel.features import bucket_hour, encode_zone, scale
from parcel.model import DelayModel
from parcel.monitor import alert


class TestBasics(unittest.TestCase):
    def setUp(self):
        self.model = DelayModel()

    def test_true(self):  # expect: hollow constant-assertion
        self.assertTrue(True)

    def test_equal_to_itself(self):  # expect: hollow tautology
        self.assertEqual(self.model, self.model)

    def test_new_is_not_none(self):  # expect: hollow tautology
        model = DelayModel(4)
        self.assertIsNotNone(model)

    def test_new_is_instance(self):  # expect: hollow tautology
        self.assertIsInstance(DelayModel(4), DelayModel)

    def test_length(self):  # expect: hollow tautology
        self.assertGreaterEqual(len(scale([1, 2])), 0)

    def test_accuracy_range(self):  # expect: hollow tautology
        accuracy = self.model.evaluate()["accuracy"]
        self.assertGreaterEqual(accuracy, 0)
        self.assertLessEqual(accuracy, 1)

    def test_constants(self):  # expect: hollow constant-assertion
        self.assertEqual(3, 3)

    def test_not_called(self):  # expect: hollow not-called
        self.assertTrue

    def test_in(self):  # expect: hollow tautology
        zone = encode_zone("north")
        self.assertIn(zone, [zone])

    def test_skip(self):  # expect: hollow always-skips
        self.skipTest("later")

    def test_nothing(self):  # expect: hollow no-assertion
        self.model.fit([[1.0]], [1.0])

    def test_raises_unused(self):  # expect: hollow unread-result
        self.assertRaises(KeyError)
        encode_zone("north")

    def test_misused_true(self):  # expect: weak
        self.assertTrue(len(scale([1, 2])), 2)

    def test_zone(self):  # expect: ok
        self.assertEqual(encode_zone("north"), 0)

    def test_raises(self):  # expect: ok
        with self.assertRaises(KeyError):
            encode_zone("moon")

    def test_raises_call(self):  # expect: ok
        self.assertRaises(KeyError, encode_zone, "moon")

    def test_almost(self):  # expect: ok
        self.assertAlmostEqual(accuracy([1, 0], [1, 1]), 0.5)

    def test_subtests(self):  # expect: ok
        for hour in (0, 5):
            with self.subTest(hour=hour):
                self.assertEqual(bucket_hour(hour), "night")

    def test_message(self):  # expect: ok
        self.assertTrue(np.isfinite(scale([1, 2])).all(), "not finite")

    def test_default(self):  # expect: ok
        self.assertFalse(self.model.seed)

    def test_fail(self):  # expect: ok
        if encode_zone("north") != 0:
            self.fail("north moved")


class TestFrames(tf.test.TestCase):
    def test_close(self):  # expect: ok
        self.assertAllClose(scale([1.0, 3.0]), [-1.0, 1.0])

    def test_forward(self):  # expect: hollow no-assertion
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        model(tf.zeros((2, 3)))


class TestDelayModel(PredictionContract, unittest.TestCase):
    def make(self):
        return DelayModel()

    def test_finite(self):  # expect: ok
        self.assert_finite(self.make().predict(self.features))

    def test_show(self):  # expect: hollow no-assertion
        self.show(self.make().predict(self.features))


class TestHelpers(TestCase):
    def check_zone(self, zone, code):
        self.assertEqual(encode_zone(zone), code)

    def check_nothing(self, zone):
        print(encode_zone(zone))

    def test_all(self):  # expect: ok
        for zone, code in {"north": 0, "west": 3}.items():
            self.check_zone(zone, code)

    def test_none(self):  # expect: hollow no-assertion
        self.check_nothing("north")

    @mock.patch("parcel.monitor.log")
    def test_log(self, log):  # expect: ok
        alert(3, 1, log.warning)
        self.assertTrue(log.warning.called)


class TestAsync(unittest.IsolatedAsyncioTestCase):
    async def test_async(self):  # expect: ok
        self.assertEqual(await fetch("north"), 0)


async def fetch(zone):
    return encode_zone(zone)


class Base(Contract):
    def test_inherited(self):  # expect: ok
        self.assert_finite(self.values())


class TestChild(Base):
    def values(self):
        return scale([1, 2])
