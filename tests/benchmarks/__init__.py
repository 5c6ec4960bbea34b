"""Measurements beside the TensorFlow tutorial's way of doing it: `python -m tests.benchmarks`.

Nothing here is asserted and pytest does not collect it: times belong to a quiet machine.
"""
