"""Who may train: everybody on a private machine, only the owner on a public host."""

import pytest

from captioner.ui.shared.permission import ALLOW, TOKEN, Permission, attempt

PRIVATE = Permission(public=False)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("SPACE_ID", "GRADIO_SHARE", "GRADIO_SERVER_NAME", ALLOW, TOKEN):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_training_is_on_on_a_private_machine(host):
    permission = Permission.from_environment(host, share=False)
    assert permission.possible and not permission.needs_token
    assert permission.refusal() == permission.refusal("anything") == ""


@pytest.mark.parametrize(
    "host, share, variables",
    [
        ("0.0.0.0", False, {}),
        ("::", False, {}),
        ("192.168.1.7", False, {}),
        ("example.org", False, {}),
        (None, True, {}),
        (None, False, {"SPACE_ID": "someone/where-words-look"}),
        (None, False, {"GRADIO_SHARE": "True"}),
        (None, False, {"GRADIO_SERVER_NAME": "0.0.0.0"}),
    ],
)
def test_training_is_off_on_a_public_host(environment, host, share, variables):
    for name, value in variables.items():
        environment.setenv(name, value)
    permission = Permission.from_environment(host, share)
    assert not permission.possible
    assert "Training is off here" in permission.refusal("x")
    # Without a token it stays off: anybody could claim to be the owner.
    environment.setenv(ALLOW, "1")
    assert "Training is off here" in Permission.from_environment(host, share).refusal("")
    environment.setenv(TOKEN, "geheim ü")
    owner = Permission.from_environment(host, share)
    assert owner.possible and owner.needs_token
    assert owner.refusal("geheim ü") == ""
    for wrong in ("", "geheim", "geheim üx"):
        assert "owner's token" in owner.refusal(wrong)
    environment.setenv(ALLOW, "0")
    assert Permission.from_environment(host, share).refusal("geheim ü")


def test_a_space_can_be_duplicated(environment):
    assert Permission.from_environment(None, share=False).duplicate_url == ""
    environment.setenv("SPACE_ID", "someone/where-words-look")
    url = "https://huggingface.co/spaces/someone/where-words-look?duplicate=true"
    assert Permission.from_environment(None, share=False).duplicate_url == url


def test_an_action_that_succeeds_shows_no_error():
    error, result = attempt(PRIVATE, None, lambda: 3)
    assert result == 3 and not error["visible"]


@pytest.mark.parametrize("exception", [ValueError("No <b>."), OSError("No <b>.")])
def test_an_expected_error_is_shown_without_html(exception):
    def fail():
        raise exception

    error, result = attempt(PRIVATE, None, fail)
    assert result is None and error["visible"] and error["value"] == "No &lt;b>."


def test_an_unexpected_error_goes_to_the_log(caplog):
    def fail():
        return {}["secret"]

    error, result = attempt(PRIVATE, None, fail)
    assert result is None and error["visible"] and "secret" not in error["value"]
    assert "log" in error["value"] and "secret" in caplog.text


def test_without_permission_nothing_is_done():
    done = []
    error, _ = attempt(Permission(public=True), "guess", lambda: done.append(1))
    assert not done and "Training is off here" in error["value"]
