"""One checkpoint, one folder: what is written, and what is refused."""

import json
import os
import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest

from captioner import checkpoints
from captioner.backbones.backbone import Backbone, BackboneError, compact_backbone
from captioner.checkpoint_folder import check as checkpoint_folder_check
from captioner.checkpoints import CheckpointError
from captioner.data.cache.feature_cache import backbone_key
from captioner.decoder.designs import RENAMED
from tests.support import tiny

FILES = ["backbone.weights.h5", "config.json", "decoder.weights.h5", "vocabulary.json"]


@pytest.fixture(scope="module", autouse=True)
def built_once():
    """Networks of the same sizes are built once; loading gives them other weights."""
    networks = {}

    def build(config, size):
        if (key := repr((config, size))) not in networks:
            networks[key] = compact_backbone(config, size)
        return networks[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checkpoints, "compact_backbone", build)
        yield


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def change(folder, **values):
    """Puts values into config.json; `decoder__units=3` goes into its decoder."""
    config = json.loads((folder / "config.json").read_text())
    for key, value in values.items():
        *path, last = key.split("__")
        place = config
        for part in path:
            place = place[part]
        if value is None:
            del place[last]
        else:
            place[last] = value
    (folder / "config.json").write_text(json.dumps(config))


def refused(folder, *mentioned):
    """Loading is refused with one sentence that mentions all this, and the folder."""
    with pytest.raises(CheckpointError) as error:
        checkpoints.load(folder)
    message = str(error.value)
    assert str(folder) in message and "\n" not in message and message.endswith(".")
    for part in mentioned:
        assert part in message


def test_round_trip(saved_checkpoint):
    before, after = tiny.checkpoint(), checkpoints.load(saved_checkpoint)
    assert after.vocabulary.words == before.vocabulary.words
    assert after.decoder.config == before.decoder.config
    assert after.backbone.geometry == before.backbone.geometry
    assert after.backbone.config == before.backbone.config
    pairs = [(before.decoder, after.decoder), (before.backbone.network, after.backbone.network)]
    for one, other in pairs:
        for weight, saved in zip(one.get_weights(), other.get_weights(), strict=True):
            exact = weight if weight.ndim == 1 else weight.astype(np.float16).astype(np.float32)
            assert np.array_equal(saved, exact)


def test_a_backbone_of_stride_16_comes_back(tmp_path):
    before = tiny.checkpoint(size=96, output_stride=16)
    checkpoints.save(tmp_path / "fine", before)
    after = checkpoints.load(tmp_path / "fine")
    assert after.backbone.geometry == before.backbone.geometry
    pixels = np.random.default_rng(0).integers(0, 256, (1, 96, 96, 3)).astype(np.uint8)
    np.testing.assert_allclose(
        after.backbone.features(pixels), before.backbone.features(pixels), atol=0.05
    )


def test_settings_with_their_older_names_are_read(checkpoint_folder):
    before = checkpoints.load(checkpoint_folder).decoder
    config = before.config.to_json()
    values = {old: config[name] for old, name in RENAMED.items()}
    gone = dict.fromkeys(RENAMED.values())
    change(checkpoint_folder, **{f"decoder__{name}": v for name, v in (values | gone).items()})
    after = checkpoints.load(checkpoint_folder).decoder
    assert after.config == before.config
    for one, other in zip(before.get_weights(), after.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_what_is_written(tmp_path):
    checkpoint = tiny.checkpoint()
    checkpoint.config = {
        "format": 99,  # told by the models and this version, not by what is handed in
        "decoder": {},
        "scores": {"split": "dev", "CIDEr": 0.4},
        "training": {"command": "train"},
    }
    checkpoints.save(tmp_path / "new" / "tiny", checkpoint)
    folder = tmp_path / "new" / "tiny"
    assert names(folder.parent) == ["tiny"] and names(folder) == FILES
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["format"] == checkpoints.CHECKPOINT_FORMAT
    assert config["backbone"]["name"] == "compact"
    assert config["backbone"]["geometry"] == checkpoint.backbone.geometry.to_json()
    assert config["decoder"] == checkpoint.decoder.config.to_json()
    assert config["scores"] == {"split": "dev", "CIDEr": 0.4}
    assert config["training"] == {"command": "train"}
    assert folder.stat().st_mode & 0o755 == 0o755  # another user's server may read it
    for name in FILES:
        assert (folder / name).stat().st_mode & 0o444 == 0o444
    assert checkpoints.load(folder).config == config


def test_a_checkpoint_can_share_the_backbone_of_the_one_beside_it(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, sizes in ((one, {}), (other, tiny.TRANSFORMER)):
        checkpoints.save(folder, tiny.checkpoint(**sizes))
    whole = checkpoints.load(other).backbone.network.get_weights()
    checkpoints.share_backbone(other, "one")
    assert names(other) == [name for name in FILES if name != "backbone.weights.h5"]
    checkpoint_folder_check(other)
    shared = checkpoints.load(other)
    assert all(map(np.array_equal, shared.backbone.network.get_weights(), whole))
    assert backbone_key(str(other)) == backbone_key(str(one))

    checkpoints.save(tmp_path / "copy", shared)  # with weights of its own
    assert names(tmp_path / "copy") == FILES
    checkpoints.load(tmp_path / "copy")

    change(other, backbone__shared__checkpoint="../one")
    refused(other, "'../one' is no checkpoint beside it")
    change(other, backbone__shared__checkpoint="one")
    checkpoints.save(one, tiny.checkpoint(seed=5))
    refused(other, "holds other weights now")
    (one / "backbone.weights.h5").unlink()
    refused(other, "which is missing")
    with pytest.raises(CheckpointError, match="which is missing"):
        checkpoint_folder_check(other)


def test_only_equal_backbones_are_shared(tmp_path):
    for name, seed in (("one", 0), ("other", 5)):
        checkpoints.save(tmp_path / name, tiny.checkpoint(seed))
    with pytest.raises(CheckpointError, match="have different backbones"):
        checkpoints.share_backbone(tmp_path / "other", "one")
    assert names(tmp_path / "other") == FILES


def test_matrices_are_halved_on_disk_and_vectors_are_not(saved_checkpoint):
    kinds = set()
    for name in ("backbone.weights.h5", "decoder.weights.h5"):
        with h5py.File(saved_checkpoint / name) as file:
            file.visititems(
                lambda _, item: (
                    kinds.add((item.ndim > 1, item.dtype.name))
                    if isinstance(item, h5py.Dataset)
                    else None
                )
            )
    assert kinds == {(True, "float16"), (False, "float32")}


def test_a_backbone_that_keras_has_is_named_and_not_copied(tmp_path, monkeypatch):
    borrowed = Backbone("vgg16", tiny.backbone().network, tiny.backbone().geometry)
    checkpoint = tiny.checkpoint()
    checkpoint.backbone = borrowed
    checkpoints.save(tmp_path / "borrowed", checkpoint)
    assert names(tmp_path / "borrowed") == [n for n in FILES if not n.startswith("backbone")]
    monkeypatch.setattr(
        "captioner.checkpoints.keras_backbone", lambda name: borrowed if name == "vgg16" else None
    )
    assert checkpoints.load(tmp_path / "borrowed").backbone is borrowed


def test_saving_replaces_an_older_checkpoint_whole(checkpoint_folder):
    (checkpoint_folder / "old.txt").write_text("from another time")
    newer = tiny.checkpoint(seed=5)
    checkpoints.save(checkpoint_folder, newer)
    assert names(checkpoint_folder) == FILES
    assert names(checkpoint_folder.parent) == [checkpoint_folder.name]
    bias = checkpoints.load(checkpoint_folder).decoder.words.get_weights()[1]
    assert np.array_equal(bias, newer.decoder.words.get_weights()[1])


@pytest.mark.parametrize("room", [0, 5_000, 60_000])
def test_saving_onto_a_full_disk_leaves_the_old_checkpoint(checkpoint_folder, room):
    before = {name: (checkpoint_folder / name).read_bytes() for name in FILES}
    assert max(map(len, before.values())) > room
    newer = tiny.checkpoint(seed=5)
    with tiny.full_disk(room), pytest.raises(OSError):
        checkpoints.save(checkpoint_folder, newer)
    assert {name: (checkpoint_folder / name).read_bytes() for name in FILES} == before
    assert names(checkpoint_folder.parent) == [checkpoint_folder.name]
    checkpoints.load(checkpoint_folder)


def test_the_old_checkpoint_comes_back_if_the_new_one_cannot_take_its_place(
    checkpoint_folder, monkeypatch
):
    before = {name: (checkpoint_folder / name).read_bytes() for name in FILES}
    rename, newer = Path.rename, tiny.checkpoint(seed=5)

    def refuse(path, target):
        if path.name == "fresh" and target == checkpoint_folder:
            raise OSError("not now")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="not now"):
        checkpoints.save(checkpoint_folder, newer)
    assert {name: (checkpoint_folder / name).read_bytes() for name in FILES} == before
    assert names(checkpoint_folder.parent) == [checkpoint_folder.name]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(checkpoint_folder, name):
    (checkpoint_folder / name).unlink()
    refused(checkpoint_folder, name)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kept", [0, 0.5, 0.98])
def test_a_file_that_is_cut_off_is_named(checkpoint_folder, name, kept):
    content = (checkpoint_folder / name).read_bytes()
    (checkpoint_folder / name).write_bytes(content[: int(kept * len(content))])
    refused(checkpoint_folder, name)


def test_there_is_no_such_folder(tmp_path):
    refused(tmp_path / "nothing", "no checkpoint")
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file", "no checkpoint")


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_format_is_refused(checkpoint_folder, version):
    change(checkpoint_folder, format=version)
    refused(checkpoint_folder, f"format {version}")


@pytest.mark.parametrize("content", ["[]", "3", "null", '"text"', "{}"])
def test_json_that_is_no_config_is_refused(checkpoint_folder, content):
    (checkpoint_folder / "config.json").write_text(content)
    refused(checkpoint_folder, "format None")


@pytest.mark.parametrize(
    "changes",
    [
        {"decoder": None},
        {"decoder": []},
        {"decoder__units": None},
        {"decoder__unknown": 3},
        {"decoder__units": "seven"},
        {"decoder__units": -7},
        {"decoder__units": 2.5},
        {"decoder__vocabulary": 13},
        {"decoder__cells": 9},
        {"decoder__channels": 16},
        {"decoder__units": 9},  # not those of the weights
        {"backbone": None},
        {"backbone": []},
        {"backbone__name": None},
        {"backbone__geometry": None},
        {"backbone__geometry__rows": None},
        {"backbone__geometry__rows": 3},
        {"backbone__geometry__first": 49.0},  # more than a cell beside where it can be
        {"backbone__geometry__first": float("nan")},
        {"backbone__geometry__first": "16"},
        {"backbone__geometry__size": 65},
        {"backbone__geometry__size": 96},
        {"backbone__geometry__size": "64"},
        {"backbone__compact": None},
        {"backbone__compact": []},
        {"backbone__compact__widths": [4, 4, 8]},
        {"backbone__compact__widths": [4, 4, 8, 9]},
        {"backbone__compact__widths": 3},
        {"backbone__compact__design": "round"},
        {"backbone__compact__design": "inverted"},  # which has seven stages
        {"backbone__compact__design": []},
        {"backbone__compact__output_stride": 8},
        {"backbone__compact__output_stride": 16},
    ],
    ids=str,
)
def test_sizes_that_do_not_fit_together_are_refused(checkpoint_folder, changes):
    change(checkpoint_folder, **changes)
    refused(checkpoint_folder, "damaged")


def test_a_vocabulary_of_another_size_is_refused(checkpoint_folder):
    (checkpoint_folder / "vocabulary.json").write_text('{"words": ["a", "dog"]}')
    refused(checkpoint_folder, "vocabulary.json", "6 words", "14")


@pytest.mark.parametrize("stride", [32, 16])
def test_the_measured_centre_of_the_first_cell_is_loaded(checkpoint_folder, stride):
    change(checkpoint_folder, backbone__geometry__first=6.0)
    assert checkpoints.load(checkpoint_folder).backbone.geometry.first == 6
    other = checkpoints.find_backbone(str(checkpoint_folder), stride)
    assert (other.geometry.first, other.geometry.stride) == (6, stride)
    checkpoints.save_backbone(checkpoint_folder, other, {})
    assert checkpoints.load_backbone(checkpoint_folder).geometry == other.geometry


def test_weights_of_another_model_are_refused(checkpoint_folder):
    os.replace(checkpoint_folder / "decoder.weights.h5", checkpoint_folder / "backbone.weights.h5")
    refused(checkpoint_folder, "backbone.weights.h5")


def test_weights_that_are_not_finite_are_refused(checkpoint_folder):
    with h5py.File(checkpoint_folder / "decoder.weights.h5", "r+") as file:
        found = []
        file.visititems(lambda name, item: found.append(item) if hasattr(item, "shape") else None)
        found[0][...] = np.nan
    refused(checkpoint_folder, "not finite")


def test_an_unknown_backbone_is_refused(checkpoint_folder):
    change(checkpoint_folder, backbone__name="vgg17")
    with pytest.raises(BackboneError, match="vgg17"):
        checkpoints.load(checkpoint_folder)


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("name", FILES)
def test_no_pickle_is_ever_loaded(checkpoint_folder, tmp_path, name):
    sprung = tmp_path / "sprung"
    trap = pickle.dumps(Trap(sprung))
    pickle.loads(trap).close()
    assert sprung.exists()  # it would work
    sprung.unlink()
    (checkpoint_folder / name).write_bytes(trap)
    refused(checkpoint_folder, name)
    assert not sprung.exists()


def test_arrays_of_python_objects_in_weights_are_refused(checkpoint_folder, tmp_path):
    path = checkpoint_folder / "decoder.weights.h5"
    with h5py.File(path, "r+") as file:
        found = []
        file.visititems(lambda name, item: found.append(name) if hasattr(item, "shape") else None)
        shape = file[found[0]].shape
        del file[found[0]]
        file.create_dataset(found[0], shape, dtype=h5py.special_dtype(vlen=bytes))
    refused(checkpoint_folder, "decoder.weights.h5")
