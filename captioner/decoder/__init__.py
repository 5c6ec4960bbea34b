"""The decoder: attention over the grid, a recurrent cell, and the output layers."""
