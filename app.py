"""Where Words Look: opens the page.

python app.py [--host H] [--port P] [--checkpoint DIR] [--share]
"""

import argparse
import os
from pathlib import Path

from captioner.paths import BUNDLED
from captioner.ui.page import build_page, serve
from captioner.ui.shared.models import Models
from captioner.ui.shared.permission import Permission


def load(folder: Path):
    """Loads the captioner; TensorFlow comes with the import, so it waits until it is called."""
    from captioner import Captioner

    captioner = Captioner.load(folder)
    captioner.warm_up()
    return captioner


def prepare(captioner) -> None:
    """What takes longest the first time and is seldom asked for first."""
    captioner.warm_up_occlusion()


def main() -> None:
    parser = argparse.ArgumentParser(description="See what a captioner looks at, word by word.")
    parser.add_argument(
        "--host",
        default="0.0.0.0" if "SPACE_ID" in os.environ else None,
        help="address to listen on (default: this machine only; on a Space, every address)",
    )
    parser.add_argument(
        "--port",
        type=int,
        help="port to listen on (default: GRADIO_SERVER_PORT, else the first free one from 7860)",
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        default=BUNDLED,
        metavar="DIR",
        help="folder of the captioner (default: the bundled one)",
    )
    parser.add_argument(
        "--share", action="store_true", help="let others in by a public address of Gradio's"
    )
    arguments = parser.parse_args()
    models = Models(load, arguments.checkpoint, prepare)
    permission = Permission.here(arguments.host, arguments.share)
    page = build_page(models, permission)
    serve(page, models, permission, arguments.host, arguments.port, arguments.share)


if __name__ == "__main__":
    main()
