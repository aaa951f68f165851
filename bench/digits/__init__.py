"""Real nets trained on scikit-learn's digits: their arrays, their images, their graphs."""
