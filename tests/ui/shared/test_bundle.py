"""The page's modules as bundles."""

import re
from graphlib import CycleError

import pytest

from captioner.paths import ASSETS
from captioner.ui.shared import assets
from captioner.ui.shared.bundle import bundle

IMPORT = r'^import \{[\w,\s]+\} from "((?:\.\.?/)+[\w/]+\.js)";$'
EXPORT = re.compile(r"export (async )?(function|class|const) \w+")


def write(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.js").write_text(text)
    return [f"{name}.js" for name in texts]


def test_a_module_comes_after_those_that_it_imports(tmp_path):
    names = write(
        tmp_path,
        a='import { one as first, two } from "./b.js";\nexport function sum() { return first; }\n',
        b="export const one = 1;\nexport const two = 2;\nconst own = 3;\n",
    )
    text = bundle(tmp_path, names)
    assert text.index('modules["b.js"] =') < text.index('modules["a.js"] =')
    assert 'const { one: first, two } = modules["b.js"];' in text
    assert "return { one, two };" in text and "return { sum };" in text
    assert re.findall(r"^(?:import|export).*", text, re.MULTILINE) == ["export default modules;"]


def test_a_second_bundle_builds_on_the_first(tmp_path):
    names = write(tmp_path, a='import { one } from "./b.js";\n', b="export const one = 1;\n")
    text = bundle(tmp_path, names[:1], base="./first.js")
    assert text.startswith('import modules from "./first.js";')
    assert 'const { one } = modules["b.js"];' in text and 'modules["b.js"] =' not in text


def test_a_circle_of_imports_is_refused(tmp_path):
    names = write(tmp_path, a='import { b } from "./b.js";\n', b='import { a } from "./a.js";\n')
    with pytest.raises(CycleError):
        bundle(tmp_path, names)


@pytest.mark.parametrize("name", assets.module_names())
def test_modules_have_the_forms_that_bundles_understand(name):
    text = (ASSETS / name).read_text()
    imports = re.findall(IMPORT, text, re.MULTILINE)
    assert len(imports) == len(re.findall(r"^import\b", text, re.MULTILINE))
    assert all(((ASSETS / name).parent / imported).is_file() for imported in imports)
    assert all(map(EXPORT.match, re.findall(r"^export\b.*", text, re.MULTILINE)))
