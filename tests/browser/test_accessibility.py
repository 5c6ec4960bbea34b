"""The page for who hears it, who has no mouse, and who wants nothing to move."""

import pytest

from tests.support.page import send, settled, visit

PANELS = ("Similarity", "Beam search", "Samples")


@pytest.fixture
def page(open_tab, server, photo):
    tab = visit(open_tab(reduced_motion="reduce"), server)
    send(tab, photo)
    settled(tab)
    return tab


def unnamed(page, looked_at=frozenset({"button", "radio", "slider", "option"})) -> list[str]:
    """Roles of what can have the focus, and of pictures, that a screen reader has no name for;
    some of each of the roles `looked_at` must be there."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    told = [node for node in nodes if not node["ignored"]]
    roles = [node["role"]["value"] for node in told]
    found = []
    for node, role in zip(told, roles, strict=True):
        properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        needed = properties.get("focusable") and role != "RootWebArea"
        if needed and not node["name"]["value"].strip():
            found.append(role)
    assert set(looked_at) <= set(roles)
    return found


def test_every_control_has_a_name(page):
    assert unnamed(page) == []
    page.get_by_text("Heat map", exact=True).click()
    page.get_by_role("button", name="Occlusion: what mattered").click()
    page.locator('[data-part="cause"]').wait_for()
    for name in PANELS:
        page.get_by_role("button", name=name).click()
        page.wait_for_function("!document.querySelector('[data-asking]')")
        assert unnamed(page) == []
    page.get_by_label("Compare with a second caption").check()
    page.locator("#aligned button").first.wait_for()
    assert unnamed(page) == []
    page.locator("#explorer").get_by_role("button", name="How this word came about").click()
    assert unnamed(page) == []


def test_every_control_is_reached_by_tab_and_seen_to_be(page):
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(
            """() => {
              const at = document.activeElement;
              const rings = [at, at.parentElement, at.nextElementSibling].filter(Boolean)
                .map((one) => getComputedStyle(one))
                .some((style) => style.outlineStyle !== "none" || style.boxShadow !== "none");
              return [at.ariaLabel || at.name || at.textContent.trim(), rings];
            }"""
        )
        if page.evaluate("document.activeElement === document.body"):
            break
        assert seen, name
        reached.add(name)
    expected = {
        "Play",
        "Next word",
        "Word",
        "Use this word",
        "Occlusion: what mattered",
        "overlay",
        "detail",
        "scale",
    }
    expected |= {"whose", "cells", "strength", "How this word came about", "Save", *PANELS}
    assert expected <= reached
    assert any(name.startswith("Cells of the photo") for name in reached)


def test_nothing_moves_for_who_wants_it_so(page):
    page.click('[data-word-index="2"]')
    page.get_by_role("button", name="How this word came about").click()
    page.wait_for_timeout(100)
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_everything_fits(open_tab, server, photo, scheme):
    phone = {"has_touch": True, "is_mobile": True, "color_scheme": scheme}
    page = visit(open_tab(360, 740, **phone), server)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    send(page, photo)
    settled(page)
    for name in PANELS:
        page.get_by_role("button", name=name).click()
        page.wait_for_function("!document.querySelector('[data-asking]')")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    title = page.get_by_role("heading", name="Where Words Look").bounding_box()
    tabs = page.get_by_role("tab", name="Explore").bounding_box()
    apart = tabs["y"] >= title["y"] + title["height"] or tabs["x"] >= title["x"] + title["width"]
    assert apart
