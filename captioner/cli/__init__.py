"""The command line: `python -m captioner COMMAND`. One file for each group of commands."""
