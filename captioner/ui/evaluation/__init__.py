"""What stands behind the Evaluate tab, which `ui/evaluate.py` lays out."""
