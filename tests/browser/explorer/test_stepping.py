"""How long a step from word to word takes: reported, as it depends on the machine."""

import statistics

from tests.benchmarks.stepping import PRESS
from tests.support.browser.page import picture, send, settled, visit

FRAME = 1000 / 60  # milliseconds
PRESSES = 40


def test_the_longest_step_is_reported(tab, server, photo, capsys, record_property):
    visit(tab, server)
    send(tab, photo)
    settled(tab)
    before = picture(tab)
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    times = tab.evaluate(PRESS, PRESSES)
    assert len(times) == PRESSES and min(times) > 0
    assert asked == []
    tab.keyboard.press("Home")
    tab.keyboard.press("ArrowRight")
    assert picture(tab) != before
    longest, usual = max(times), statistics.median(times)
    record_property("longest step from word to word, ms", round(longest, 1))
    with capsys.disabled():
        print(f"\nA step from word to word takes {usual:.1f} ms, the longest {longest:.1f} ms,")
        print(f"and a frame {FRAME:.1f} ms.")
