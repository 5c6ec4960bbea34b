"""Names for screen readers, use by keyboard, reduced motion, and small screens."""

import pytest

from tests.support.browser.page import recaptioned, send, settled, visit

PANELS = ("Similarity", "Beam search", "Samples")


@pytest.fixture(scope="module")
def shared(open_module_tab, server):
    return visit(open_module_tab(reduced_motion="reduce"), server)


@pytest.fixture
def page(shared, photo):
    return recaptioned(shared, photo)


def unnamed(page, expected=frozenset({"button", "radio", "slider", "option"})) -> list[str]:
    """Roles of the elements that can have the focus but have no name for a screen reader; the
    `expected` roles must be there."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = [node for node in nodes if not node["ignored"]]
    roles = [node["role"]["value"] for node in nodes]
    found = []
    for node, role in zip(nodes, roles, strict=True):
        properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        needed = properties.get("focusable") and role != "RootWebArea"
        if needed and not node["name"]["value"].strip():
            found.append(role)
    assert set(expected) <= set(roles)
    return found


def test_nothing_moves_with_reduced_motion(page):
    page.click('[data-word-index="2"]')
    page.get_by_role("button", name="How this word came about").click()
    page.wait_for_timeout(100)
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) == 0


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


def test_every_control_is_reached_by_tab_with_a_visible_focus(tab, server, photo):
    page = visit(tab, server)
    send(page, photo)
    settled(page)
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        name, visible = page.evaluate(
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
        assert visible, name
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


def test_on_a_phone_everything_fits(open_tab, server, photo):
    phone = open_tab(360, 740, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page = visit(phone, server)

    def check():
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        title = page.get_by_role("heading", name="Where Words Look").bounding_box()
        tabs = page.get_by_role("tab", name="Explore").bounding_box()
        below, right = title["y"] + title["height"], title["x"] + title["width"]
        assert tabs["y"] >= below or tabs["x"] >= right

    check()
    send(page, photo)
    settled(page)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for name in PANELS:
            page.locator(".more").get_by_role("button", name=name).click()
            page.wait_for_function("!document.querySelector('[data-asking]')")
            check()
