"""What several requests compute together, and whose turn it is."""
