"""axe-core, which finds what keeps people with disabilities from using a page."""

from captioner.paths import PROJECT

SCRIPT = PROJECT / "node_modules/axe-core/axe.min.js"  # `npm ci` installs it
VIEWS = [(width, scheme) for width in (1440, 390) for scheme in ("light", "dark")]

_RUN = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"] });
  const isGrave = ({ impact }) => impact === "serious" || impact === "critical";
  const line = (id, { html, failureSummary }) => `${id}: ${html} ${failureSummary}`;
  return violations.filter(isGrave).flatMap(({ id, nodes }) => nodes.map((node) => line(id, node)));
}"""
_STILL = "document.getAnimations().every((one) => one.playState !== 'running')"


def faults(page) -> list[str]:
    """Serious and critical faults of what the page shows: on a desk and a phone, light and dark."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    found = []
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(
            "dark => document.body.classList.contains('dark') === dark", arg=scheme == "dark"
        )
        page.wait_for_function(_STILL)
        found += [f"{width} {scheme} {fault}" for fault in page.evaluate(_RUN)]
    return found
