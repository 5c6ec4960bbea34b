"""Trainings as folders and processes: status, metrics, snapshots, time left."""
