"""Predicts how many minutes late a parcel arrives."""

from .features import add_distance, fill_missing
from .model import DelayModel, build_model, train
