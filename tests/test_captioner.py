"""Photo -> Caption. Runs on every backend of Keras."""

import functools
import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from captioner import Beam, Captioner, Greedy, Sampling, checkpoints, decoding
from captioner.backbones.backbone import compact_backbone
from captioner.backbones.residual import ResidualConfig
from captioner.batching import networks
from captioner.batching.networks import Networks
from captioner.caption import Caption
from captioner.photos import PhotoError
from captioner.vocabulary import UnknownWordError
from tests.support import tiny
from tests.support.process import wait_for


@pytest.fixture(scope="module", params=[{}, tiny.TRANSFORMER], ids=["gru", "transformer"])
def captioner(request):
    return Captioner(tiny.checkpoint(**request.param))


@pytest.fixture(scope="module")
def photos():
    """Photos that the captioner says different things of."""
    rng = np.random.default_rng(0)
    shapes = [(60, 80), (100, 40), (64, 64), (33, 90), (70, 70)]
    noise = [rng.integers(0, 256, (*shape, 3)).astype(np.uint8) for shape in shapes]
    drawn = [tiny.drawn("red", "disc", "black"), tiny.drawn("blue", "square", "white")]
    return [*noise, *map(np.asarray, drawn)]


def same(one, other) -> bool:
    return (
        one.text == other.text
        and np.allclose(one.maps, other.maps, atol=1e-5)
        and np.allclose(
            [w.probability for w in one.words], [w.probability for w in other.words], atol=1e-5
        )
    )


def test_a_caption_is_whole(captioner, photos):
    caption = captioner.caption(photos[0])
    assert caption.words and caption.text == " ".join(word.text for word in caption.words)
    for word in caption.words:
        assert word.text in captioner.vocabulary
        assert word.attention.shape == (2, 2) and word.attention.dtype == np.float32
        assert word.attention.min() >= 0 and word.attention.sum() == pytest.approx(1, abs=1e-5)
        assert len(word.alternatives) == 5
        shares = [probability for _, probability in word.alternatives]
        assert shares == sorted(shares, reverse=True) and 0 < sum(shares) <= 1 + 1e-6
        assert word.text == word.alternatives[0][0]  # greedy
        assert word.probability == pytest.approx(shares[0])
    assert caption.placed_attention(0, size=(80, 60)).shape == (60, 80)


def test_a_transformers_words_have_the_attention_of_each_head(captioner, photos):
    for sampler in (Greedy(), Beam(3)):
        caption = captioner.caption(photos[0], sampler=sampler, prefix=["a", "red"])
        if not captioner.checkpoint.decoder.design.transformer:
            assert all(word.heads is word.self_attention is None for word in caption.words)
            continue
        for i, word in enumerate(caption.words):
            assert word.heads.shape == (2, 2, 2, 2)  # layers, heads, rows, cols
            np.testing.assert_allclose(word.heads.sum(axis=(2, 3)), 1, atol=1e-5)
            np.testing.assert_allclose(word.heads.mean(axis=(0, 1)), word.attention, atol=1e-6)
            assert word.self_attention.shape == (2, 2, i + 1)  # <start> and the words before
            np.testing.assert_allclose(word.self_attention.sum(axis=-1), 1, atol=1e-5)
        assert np.ptp([word.heads for word in caption.words], axis=(1, 2)).max() > 0.01
    ((forced,),) = captioner.forced(photos[:1], [["a red disc"]])
    if forced.words[0].heads is not None:
        alone = captioner.caption(photos[0], prefix=["a", "red", "disc"])
        for word, same_word in zip(forced.words, alone.words, strict=False):
            np.testing.assert_allclose(word.heads, same_word.heads, atol=1e-5)


def test_a_photo_is_the_same_however_it_comes(captioner, photos, tmp_path):
    image = Image.fromarray(photos[0])
    image.save(tmp_path / "photo.png")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    expected = captioner.caption(photos[0])
    path = tmp_path / "photo.png"
    for source in (image, path, str(path), buffer.getvalue()):
        assert same(captioner.caption(source), expected)


def test_what_is_no_photo_is_refused(captioner, tmp_path):
    for source in (b"", b"no photo", tmp_path / "missing.jpg", np.zeros((0, 4, 3), np.uint8)):
        with pytest.raises(PhotoError):
            captioner.caption(source)


def test_photos_are_told_apart(captioner, photos):
    found = [captioner.caption(photo) for photo in photos]
    assert len({caption.text for caption in found}) > 1
    assert not same(found[0], found[1])


@pytest.mark.parametrize("batch_size", [2, 32])
def test_many_photos_come_in_order_as_one_by_one(captioner, photos, batch_size):
    found = list(captioner.captions(iter(photos), batch_size=batch_size))
    assert len(found) == len(photos)
    for caption, photo in zip(found, photos, strict=True):
        assert same(caption, captioner.caption(photo))


def test_many_photos_are_read_as_they_are_asked_for(captioner, photos):
    def endless():
        yield photos[0]
        yield photos[1]
        raise AssertionError("read too early")

    found = captioner.captions(endless(), batch_size=2)
    assert same(next(found), captioner.caption(photos[0]))


def test_a_photo_seen_before_is_captioned_the_same(captioner, photos, monkeypatch):
    monkeypatch.setattr(networks, "_CACHED", 4)
    first = [captioner.caption(photo) for photo in photos[:2]]
    rng = np.random.default_rng(1)
    for _ in range(6):  # more than are remembered
        captioner.caption(rng.integers(0, 256, (8, 8, 3)).astype(np.uint8), prefix=["a"])
    for _ in range(2):
        assert same(captioner.caption(photos[0]), first[0])
        assert same(captioner.caption(photos[1]), first[1])


def test_the_pixels_that_were_seen_are_as_good_as_the_photo(captioner, photos):
    seen = captioner.pixels(photos[1])
    assert seen.shape == (64, 64, 3) and seen.dtype == np.uint8
    assert np.array_equal(captioner.pixels(seen), seen)
    assert same(captioner.caption(seen), captioner.caption(photos[1]))


@pytest.mark.parametrize("beams", [1, 4])
def test_the_tree_comes_with_the_caption_of_that_beam(captioner, photos, beams):
    covered = np.array([[True, False], [False, False]])
    how = {"prefix": ["a", "red"], "covered": covered}
    caption, tree = captioner.beam_tree(photos[0], beams, **how)
    assert same(caption, captioner.caption(photos[0], Beam(beams), **how))
    said = [tree.nodes[number] for number in tree.best]
    assert [branch.text for branch in said if not branch.ended] == caption.text.split()
    with pytest.raises(UnknownWordError, match='"zebra"'):
        captioner.beam_tree(photos[0], beams, ["zebra"])
    with pytest.raises(ValueError, match="beams"):
        captioner.beam_tree(photos[0], 0)


def test_a_sentence_is_as_probable_as_it_was_when_it_was_said(captioner, photos):
    covered = np.array([[True, False], [False, True]])
    for photo in photos[:3]:
        for hidden in (None, covered):
            words = captioner.caption(photo, covered=hidden).words
            found = captioner.probabilities(photo, [word.text for word in words], hidden)
            assert found.tolist() == pytest.approx([word.probability for word in words], abs=1e-6)


def test_words_are_as_alike_as_their_vectors_point_the_same_way():
    checkpoint = tiny.checkpoint()
    (vectors,) = checkpoint.decoder.embed.get_weights()
    red, green, disc, on = checkpoint.vocabulary.ids(["red", "green", "disc", "on"])
    vectors[[red, green, disc, on]] = [[3, 0, 0, 0], [1, 1, 0, 0], [-2, 0, 0, 0], [0, 0, 0, 0]]
    checkpoint.decoder.embed.set_weights([vectors])
    found = Captioner(checkpoint).vector_similarity(["red", "green", "disc", "red", "on"])
    half = 0.5**0.5
    expected = [
        [1, half, -1, 1, 0],
        [half, 1, -half, half, 0],
        [-1, -half, 1, -1, 0],
        [1, half, -1, 1, 0],
        [0, 0, 0, 0, 0],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    with pytest.raises(UnknownWordError, match='"zebra"'):
        Captioner(checkpoint).vector_similarity(["red", "zebra"])


def test_the_same_seed_says_the_same(captioner, photos):
    said = [captioner.caption(photos[0], Sampling(2.0, seed=seed)).text for seed in (1, 1, 2, 3)]
    assert said[0] == said[1]
    assert len(set(said)) > 1


@pytest.mark.parametrize("sampler", [Greedy(), Sampling(seed=4), Beam(3)], ids=str)
def test_forced_words_come_first(captioner, photos, sampler):
    caption = captioner.caption(photos[0], sampler=sampler, prefix=["yellow", "Disc"])
    assert caption.text.startswith("yellow disc")
    with pytest.raises(UnknownWordError, match='"zebra"'):
        captioner.caption(photos[0], sampler=sampler, prefix=["zebra"])


def test_given_sentences_of_many_photos_are_those_one_by_one(captioner, photos):
    """37 sentences of 7 photos: more than one batch of photos, and of sentences."""
    rng = np.random.default_rng(3)
    texts = [
        [" ".join(rng.choice(tiny.WORDS, rng.integers(1, 9))) for _ in range(count)]
        for count in (5, 0, 9, 6, 1, 8, 8)
    ]
    found = list(captioner.forced(iter(photos), iter(texts), batch_size=3))
    assert [[caption.text for caption in of_photo] for of_photo in found] == texts
    for photo, of_photo, said in list(zip(photos, found, texts, strict=True))[2::2]:
        for caption, text in zip(of_photo, said, strict=True):
            alone = captioner.caption(photo, prefix=text.split())
            count = len(text.split())
            assert same(caption, replace(alone, words=alone.words[:count]))
            assert all(word.attention.shape == (2, 2) for word in caption.words)
            assert not any(word.alternatives for word in caption.words)


def test_given_sentences_may_hold_words_that_it_lacks_and_be_long(captioner, photos):
    texts = ["A zebra, on black!", "disc " * 30, ""]
    ((zebra, long, empty),) = captioner.forced(photos[:1], [texts])
    assert [word.text for word in zebra.words] == ["a", "<unk>", "on", "black"]
    assert zebra.words[1].probability == 0 and zebra.words[2].probability > 0
    assert zebra.maps.sum(axis=(1, 2)) == pytest.approx(1, abs=1e-5)
    assert len(long.words) == decoding.MAX_WORDS and empty.words == []
    with pytest.raises(ValueError):
        list(captioner.forced(photos[:2], [texts]))
    assert list(captioner.forced([], [])) == []


def test_many_coverings_at_once_are_those_one_by_one(captioner, photos):
    words = captioner.caption(photos[0]).text.split()
    several = [np.array(cells).reshape(2, 2) for cells in itertools.product([0, 1], repeat=4)][:-1]
    several = np.array(several * 3, bool)  # 45: more than one batch
    together = captioner.probabilities_covered(photos[0], words, several)
    assert together.shape == (45, len(words))
    for covered, found in zip(several[:15], together, strict=False):
        alone = captioner.probabilities(photos[0], words, covered)
        assert np.allclose(found, alone, atol=1e-5)
    assert np.allclose(together[:15], together[30:], atol=1e-6)
    assert np.ptp(together, axis=0).max() > 0.01
    with pytest.raises(ValueError, match="must stay uncovered"):
        captioner.probabilities_covered(photos[0], words, np.ones((2, 2, 2), bool))


@pytest.mark.parametrize("sampler", [Greedy(), Sampling(seed=4), Beam(3)], ids=str)
def test_covered_cells_are_not_looked_at_and_matter_no_more(captioner, photos, sampler):
    covered = np.array([[False, True], [True, False]])
    caption = captioner.caption(photos[0], sampler=sampler, covered=covered)
    assert (caption.maps[:, covered] == 0).all()
    np.testing.assert_allclose(caption.maps.sum(axis=(1, 2)), 1, atol=1e-5)
    # The smallest network cannot see past its own cell into others that are far enough away;
    # what is surely out of sight is changed in the features themselves.
    pixels = captioner.checkpoint.backbone.pixels(Image.fromarray(photos[0]))
    changed = Captioner(captioner.checkpoint)
    grids = captioner._networks.grids([pixels])
    grids[:, covered.ravel()] += 50
    changed._networks.grids = lambda photos: grids
    other = changed.caption(photos[0], sampler=sampler, covered=covered)
    assert other.text == caption.text and np.array_equal(other.maps, caption.maps)
    assert not same(changed.caption(photos[0], sampler=sampler), caption)


def test_masks_that_fit_no_grid_or_leave_nothing_are_refused(captioner, photos):
    with pytest.raises(ValueError, match="shape"):
        captioner.caption(photos[0], covered=np.zeros((3, 2), bool))
    with pytest.raises(ValueError, match="uncovered"):
        captioner.caption(photos[0], covered=np.ones((2, 2), bool))


def test_threads_that_wait_are_computed_together_and_get_what_each_gets_alone(captioner, photos):
    masks = (None, np.array([[True, False], [False, False]]))
    samplers = (Greedy(), Beam(3), *(Sampling(1.5, seed=seed) for seed in (1, 2, 3)))
    prefixes = ([], ["a"], ["red", "disc"])

    def ask(number):
        photo, covered = photos[number % len(photos)], masks[number % 2]
        if number == 20:
            return captioner.caption(photo, prefix=["a"] * (decoding.MAX_WORDS + 1))
        if number == 21:
            return captioner.probabilities(photo, ["a", "blue", "square"], covered)
        if number == 22:
            return captioner.beam_tree(photo, 2, ["a"], covered)
        return captioner.caption(photo, samplers[number % 5], prefixes[number % 3], covered)

    numbers = [number for number in range(30) if number != 20]
    alone = {number: ask(number) for number in numbers}
    assert len({found.text for found in alone.values() if isinstance(found, Caption)}) > 5

    fresh = captioner._networks = Networks(captioner.checkpoint)  # knows none of the photos
    turns, batches = fresh._turns, []
    compute = turns._compute
    turns._compute = lambda requests: batches.append(len(requests)) or compute(requests)
    with ThreadPoolExecutor(30) as pool:
        with fresh.exclusive():
            sent = {number: pool.submit(ask, number) for number in range(30)}
            wait_for(lambda: len(turns._requests) == 30)
        with pytest.raises(ValueError, match="At most 24 words"):
            sent[20].result()
        together = {number: sent[number].result() for number in numbers}
    assert sum(batches) == 30 and 1 < len(batches) < 5  # of 32 rows at most, a beam has three
    np.testing.assert_allclose(together.pop(21), alone.pop(21), atol=1e-6)
    (tree, nodes), (tree_alone, nodes_alone) = together.pop(22), alone.pop(22)
    assert same(tree, tree_alone)
    assert [node.text for node in nodes.nodes] == [node.text for node in nodes_alone.nodes]
    assert all(same(caption, alone[number]) for number, caption in together.items())


def test_batches_are_compiled_beforehand(captioner):
    captioner.warm_up_batches()
    networks, sizes = captioner._networks, set()
    step = networks.decoder.step
    try:
        networks.decoder.step = lambda inputs: sizes.add(len(inputs[0])) or step(inputs)
        captioner.warm_up_batches()
    finally:
        networks.decoder.step = step
    assert {8, 32} <= sizes <= {1, 8, 32}


@functools.cache
def bright_spot_finder(output_stride: int) -> Captioner:
    """A captioner made by hand that looks at the brightest cell, whatever it says."""
    sizes = ResidualConfig((4, 4, 4, 4), (1, 1, 1, 1), output_stride)
    backbone = compact_backbone(sizes, 160)
    for layer in backbone.network.layers:
        if layer.name.startswith("conv2d"):
            (kernel,) = layer.get_weights()
            layer.set_weights([np.full_like(kernel, 1 / kernel[..., 0].size)])
    decoder = tiny.decoder(backbone.geometry.cells, 4)
    for layer, value in ((decoder.grid, 0.25), (decoder.key, 0.05), (decoder.query, 0.0)):
        kernel, *bias = layer.get_weights()
        layer.set_weights([np.full_like(kernel, value), *map(np.zeros_like, bias)])
    decoder.score.set_weights([np.full((5, 1), 100.0)])
    checkpoint = checkpoints.Checkpoint(backbone, decoder, tiny.vocabulary(), {})
    return Captioner(checkpoint)


@pytest.mark.parametrize("output_stride", [32, 16])
@pytest.mark.parametrize("size", [(400, 150), (150, 400)])
def test_maps_lie_where_the_photo_is_bright(output_stride, size):
    """The whole way of a photo that is not square: squashed, seen, looked at, laid back."""
    finder = bright_spot_finder(output_stride)
    width, height = size
    for x_share, y_share in ((0.7, 0.3), (0.3, 0.5), (0.5, 0.7)):
        photo = Image.new("RGB", size)
        x, y = int(x_share * width), int(y_share * height)
        dx, dy = width // 10, height // 10
        photo.paste((255, 255, 255), (x - dx, y - dy, x + dx, y + dy))
        caption = finder.caption(photo, prefix=["a"])
        placed = caption.placed_attention(0, size)
        assert placed.shape == (height, width)
        peak_y, peak_x = np.unravel_index(placed.argmax(), placed.shape)
        assert abs(peak_x - x) <= dx and abs(peak_y - y) <= dy


def test_loading_and_saving_keeps_the_captions(captioner, photos, tmp_path):
    checkpoints.save(tmp_path / "saved", captioner.checkpoint)
    loaded = Captioner.load(tmp_path / "saved")
    assert loaded.geometry == captioner.geometry
    assert loaded.vocabulary.words == captioner.vocabulary.words
    for photo in photos:
        one, other = captioner.caption(photo), loaded.caption(photo)
        assert one.text == other.text
        np.testing.assert_allclose(one.maps, other.maps, atol=0.01)
        for word, again in zip(one.words, other.words, strict=True):
            assert word.probability == pytest.approx(again.probability, abs=0.01)
