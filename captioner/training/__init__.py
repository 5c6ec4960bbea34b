"""Everything that makes checkpoints. Nothing in the floor below imports it."""
