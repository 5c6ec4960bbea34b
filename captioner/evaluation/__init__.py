"""Evaluation of captioners: scores, hallucinated objects, faithfulness of attention."""
