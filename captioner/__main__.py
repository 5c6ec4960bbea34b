"""`python -m captioner`."""

import sys

from captioner.cli.commands import main

sys.exit(main())
