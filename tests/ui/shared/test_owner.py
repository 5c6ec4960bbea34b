"""What the page says when something that only its owner may do goes wrong."""

import pytest

from captioner.ui.shared.owner import attempt
from captioner.ui.shared.permission import Permission

OWN = Permission(public=False)


def test_what_went_well_has_no_trouble():
    trouble, found = attempt(OWN, None, lambda: 3)
    assert found == 3 and not trouble["visible"]


@pytest.mark.parametrize("error", [ValueError("No <b>."), OSError("No <b>.")])
def test_what_a_person_can_mend_is_said_as_text(error):
    def fail():
        raise error

    trouble, found = attempt(OWN, None, fail)
    assert found is None and trouble["visible"] and trouble["value"] == "No &lt;b>."


def test_what_nobody_thought_of_is_said_to_be_in_the_log(caplog):
    def fail():
        return {}["secret"]

    trouble, found = attempt(OWN, None, fail)
    assert found is None and trouble["visible"] and "secret" not in trouble["value"]
    assert "log" in trouble["value"] and "secret" in caplog.text


def test_nothing_is_done_without_permission():
    done = []
    trouble, _ = attempt(Permission(public=True), "guess", lambda: done.append(1))
    assert not done and "Training is off here" in trouble["value"]
