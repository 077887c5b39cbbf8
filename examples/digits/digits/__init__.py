"""Which digit is it? A small network on scikit-learn's images of handwritten digits."""
