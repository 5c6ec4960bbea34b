"""Data sets: read, downloaded, checked, cached as features, augmented."""
