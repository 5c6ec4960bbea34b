"""Caches of features and of photos: memory-mapped arrays that trainings read."""
