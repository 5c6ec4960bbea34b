"""The page's modules as two files, so that the browser sends two requests instead of fifty.

Each module becomes a function that returns its exports. The modules use one form of import and of
export only, `import { a, b as c } from "./file.js";` and `export function f`, which
`tests/ui/shared/test_bundle.py` checks.
"""

import posixpath
import re
from collections.abc import Iterable
from graphlib import TopologicalSorter
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]*)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE)


def bundle(folder: Path, names: Iterable[str], base: str | None = None) -> str:
    """One module whose default export has the exports of each module by its name.

    Args:
        folder: Where the modules are.
        names: Their paths in it.
        base: Address of a bundle with the modules that these import, and that are not among them.

    Raises:
        graphlib.CycleError: Modules import each other in a circle.
    """
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in names}
    imports = {
        name: [_resolved(path, name) for _, path in _IMPORT.findall(text)]
        for name, text in texts.items()
    }
    order = [name for name in TopologicalSorter(imports).static_order() if name in texts]
    start = f'import modules from "{base}";' if base else "const modules = {};"
    parts = [_wrapped(name, texts[name]) for name in order]
    return "\n".join([start, *parts, "export default modules;"])


def _wrapped(name: str, text: str) -> str:
    def constant(match: re.Match) -> str:
        names = match[1].replace(" as ", ": ")
        return f'const {{{names}}} = modules["{_resolved(match[2], name)}"];'

    exports = ", ".join(_EXPORT.findall(text))
    body = _EXPORT.sub("", _IMPORT.sub(constant, text))
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {exports} }};\n}})();'


def _resolved(path: str, importer: str) -> str:
    """The name of the module that `importer` imports by a relative path."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), path))
