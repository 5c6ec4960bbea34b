"""Who may train: on one's own machine everybody, on a public host the owner alone."""

import pytest

from captioner.ui.shared.permission import ALLOW, TOKEN, Permission


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    for name in ("SPACE_ID", "GRADIO_SHARE", "GRADIO_SERVER_NAME", ALLOW, TOKEN):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("host", [None, "127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_ones_own_machine_it_is_on(host):
    permission = Permission.here(host, share=False)
    assert permission.possible and not permission.needs_token
    assert permission.refusal() == permission.refusal("anything") == ""


@pytest.mark.parametrize(
    "host, share, environment",
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
def test_on_a_public_host_it_is_off(plain, host, share, environment):
    for name, value in environment.items():
        plain.setenv(name, value)
    permission = Permission.here(host, share)
    assert not permission.possible
    assert "Training is off here" in permission.refusal("x")
    # Allowed without a token it stays off: anybody could be the owner.
    plain.setenv(ALLOW, "1")
    assert "Training is off here" in Permission.here(host, share).refusal("")
    plain.setenv(TOKEN, "geheim ü")
    owner = Permission.here(host, share)
    assert owner.possible and owner.needs_token
    assert owner.refusal("geheim ü") == ""
    for wrong in ("", "geheim", "geheim üx"):
        assert "owner's token" in owner.refusal(wrong)
    plain.setenv(ALLOW, "0")
    assert Permission.here(host, share).refusal("geheim ü")


def test_on_a_space_it_says_where_to_make_a_copy(plain):
    assert Permission.here(None, share=False).duplicate == ""
    plain.setenv("SPACE_ID", "someone/where-words-look")
    where = "https://huggingface.co/spaces/someone/where-words-look?duplicate=true"
    assert Permission.here(None, share=False).duplicate == where
