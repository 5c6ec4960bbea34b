"""The decoder: attention over the grid, a recurrent cell, the way to words."""
