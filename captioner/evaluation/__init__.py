"""What a captioner is worth: scores, pointing, faithfulness of attention."""
