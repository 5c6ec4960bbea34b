"""`caption`: captions photos."""

import glob
import itertools
import sys
from pathlib import Path

from captioner import samplers
from captioner.cli.options import add_sampling, is_unicode
from captioner.files import json_text


def add_to(commands) -> None:
    """Adds the command to the parser."""
    parser = commands.add_parser("caption", help="caption photos, one line each")
    add = parser.add_argument
    add("photos", nargs="+", metavar="PHOTO")
    add("--json", action="store_true", help="print one JSON object per line")
    add("--strip", type=Path, metavar="FILE.png", help="all words on their maps (PNG, SVG, PDF)")
    add("--gif", type=Path, metavar="FILE.gif", help="the words one by one")
    add_sampling(parser)
    parser.set_defaults(run=run)


def run(options) -> int:
    """Returns 1 if a photo could not be read or drawn; the others are captioned all the same."""
    from captioner import Captioner, fonts, photos, render, strip

    sampler = samplers.from_settings(options)
    captioner = Captioner.load(options.checkpoint)
    status = 0
    names = list(itertools.chain.from_iterable(map(_expanded, options.photos)))
    several = len(names) > 1
    for name in names:
        try:
            photo = photos.open_photo(name)
        except photos.PhotoError as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
            continue
        if note := photo.info.get("note"):
            print(f"{name}: {note}", file=sys.stderr)
        caption = captioner.caption(photo, sampler=sampler)
        if options.json:
            line = json_text(caption.to_json(name), ensure_ascii=not is_unicode(sys.stdout))
            print(line, flush=True)
        else:
            print(f"{name}: {caption.text}" if several else caption.text, flush=True)
        try:
            if options.strip:
                strip.save_strip(photo, caption, _file_for(options.strip, name, several))
            if options.gif:
                render.gif(photo, caption, _file_for(options.gif, name, several))
        except fonts.FontError as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
    return status


def _expanded(name: str) -> list[str]:
    """The photos that a pattern such as *.jpg means, where the shell has not replaced it."""
    if not glob.has_magic(name) or Path(name).exists():
        return [name]
    return sorted(glob.glob(name)) or [name]


def _file_for(path: Path, photo: str, several: bool) -> Path:
    """One file per photo: strip.png becomes strip-PHOTO.png if there are several photos."""
    return path.with_stem(f"{path.stem}-{Path(photo).stem}") if several else path
