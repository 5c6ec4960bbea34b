"""Settings: their limits, their help texts, and their options on the command line."""

import subprocess
import sys
from dataclasses import fields

import pytest

from captioner.training import settings
from captioner.training.settings import DistillationConfig, FitConfig, SettingsError


@pytest.mark.parametrize(
    "given, said",
    [
        ({"dropout": 1.5}, "dropout must be between 0.0 and 0.9, not 1.5."),
        ({"epochs": 0}, "epochs must be between 1 and 1000, not 0."),
        ({"epochs": 2.5}, "epochs must be of type int, not 2.5."),
        ({"epochs": True}, "epochs must be of type int, not True."),
        ({"peak_rate": float("nan")}, "peak_rate must be between"),
        ({"peak_rate": "fast"}, "peak_rate must be of type float, not 'fast'."),
        ({"schedule": "linear"}, "schedule must be one of cosine, constant, not 'linear'."),
        ({"mixed": "yes"}, "mixed must be of type bool"),
        ({"colour": 3}, "There is no setting 'colour'."),
    ],
)
def test_a_setting_out_of_its_limits_is_refused(given, said):
    with pytest.raises(SettingsError) as error:
        settings.chosen(FitConfig, given)
    assert str(error.value).startswith(said)


def test_what_is_not_given_keeps_its_default():
    assert settings.chosen(FitConfig, {"epochs": 3, "dropout": None}) == FitConfig(epochs=3)
    assert settings.chosen(FitConfig, {"mixed": False}).mixed is False
    assert settings.chosen(FitConfig, {"peak_rate": 1e-2, "weight_decay": 0}).weight_decay == 0


@pytest.mark.parametrize("config", [FitConfig, DistillationConfig])
def test_every_setting_that_can_be_chosen_has_a_line_of_help(config):
    for name, kind in settings.kinds(config).items():
        assert kind in (int, float, bool, str)
        assert config.__dataclass_fields__[name].metadata["help"].endswith(".")
    assert {f.name for f in fields(FitConfig)} == settings.kinds(FitConfig).keys()


def test_help_shows_them_without_tensorflow():
    code = (
        "import sys; from captioner.cli.main import main\n"
        "try: main(['train', '--help'])\n"
        "finally: assert 'keras' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for name in settings.kinds(FitConfig):
        assert f"--{name.replace('_', '-')}" in done.stdout
