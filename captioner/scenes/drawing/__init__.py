"""The pen, and what it draws."""
