"""Where Words Look: serves the page.

python app.py [--host H] [--port P] [--checkpoint DIR] [--share]
"""

import argparse
import os
import sys
from pathlib import Path

from captioner.imports import uncollected

with uncollected():
    from captioner import checkpoint_folder
    from captioner.paths import BUNDLED
    from captioner.ui.page import build_page, serve
    from captioner.ui.shared.loading_times import LoadingTimes, usual_file
    from captioner.ui.shared.models import Models
    from captioner.ui.shared.permission import Permission


def load(folder: Path):
    """Loads a captioner. TensorFlow is imported only here, after the page is up."""
    from captioner import Captioner

    with uncollected():
        captioner = Captioner.load(folder)
        captioner.warm_up()
    return captioner


def warm_up_more(captioner) -> None:
    """Compiles what the first caption does not need."""
    captioner.warm_up_occlusion()
    captioner.warm_up_batches()


def _checked(folder: Path) -> Path:
    """The folder of the checkpoint that is meant; ends the program if it cannot be loaded."""
    try:
        folder = checkpoint_folder.find(folder)
        checkpoint_folder.check(folder)
    except ValueError as error:
        sys.exit(f"app.py: {error}")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Show where each word of a caption attends in the photo."
    )
    parser.add_argument(
        "--host",
        default="0.0.0.0" if "SPACE_ID" in os.environ else None,
        help="address to listen on (default: this machine only; on a Space: all addresses)",
    )
    parser.add_argument(
        "--port",
        type=int,
        help="port to listen on (default: GRADIO_SERVER_PORT, or the first free port from 7860)",
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        default=BUNDLED,
        metavar="DIR",
        help="checkpoint folder, or a run's (default: the bundled checkpoint)",
    )
    parser.add_argument("--share", action="store_true", help="create a public Gradio link")
    arguments = parser.parse_args()
    if arguments.checkpoint != BUNDLED:
        arguments.checkpoint = _checked(arguments.checkpoint)
    # What is slow the first time, but rarely the first request, warms up later.
    models = Models(
        load,
        arguments.checkpoint,
        warm_up=warm_up_more,
        times=LoadingTimes(usual_file()),
    )
    permission = Permission.from_environment(arguments.host, arguments.share)
    page = build_page(models, permission)
    serve(page, models, permission, arguments.host, arguments.port, arguments.share)


if __name__ == "__main__":
    main()
