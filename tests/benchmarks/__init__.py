"""Measurements beside TensorFlow's tutorial: `python -m tests.benchmarks`.

They assert nothing and pytest does not collect them: times are meaningful on a quiet machine only.
"""
