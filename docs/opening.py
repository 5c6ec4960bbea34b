"""Makes the result that the page opens on: python -m docs.opening --help

To be run again when the bundled captioner or the example photo changes;
tests/ui/explore/test_opening.py finds out.
"""

import argparse
import json

from captioner import Captioner
from captioner.files import write_whole
from captioner.ui.explore import examples, opening


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m docs.opening")
    parser.add_argument(
        "--example",
        choices=examples.EXAMPLES,
        default=next(iter(examples.EXAMPLES)),
        help="the example photo (default: the page's first)",
    )
    example = parser.parse_args().example
    value = opening.make(Captioner.load(), example)
    text = json.dumps(value, separators=(",", ":")) + "\n"
    write_whole(opening.FILE, lambda path: path.write_text(text, "utf-8"))
    print(f"{example}: {value['caption']} ({len(text) / 1000:.0f} KB)")


if __name__ == "__main__":
    main()
