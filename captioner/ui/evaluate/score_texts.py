"""What is measured of a captioner, in plain words: what each number means, and which way is
better."""

from dataclasses import dataclass

UP, DOWN, NEITHER = 1, -1, 0
_WAYS = {UP: "higher is better", DOWN: "lower is better", NEITHER: ""}
# Baselines of measures, and what they are called; each has a sign of its own in charts.
BASELINES = {"uniform": "uniform map", "middle": "photo's middle", "shuffled": "other photos"}


@dataclass(frozen=True)
class Row:
    """A number of an evaluation."""

    key: str
    label: str
    meaning: str
    better: int = UP
    kind: str = "score"  # how it is written: score, share, count, mean or seconds
    under: str = ""  # key of the measure that it is there to be compared with
    beside: str = ""  # its label beside that measure
    unit: str = ""  # of what there were so many

    @property
    def way(self) -> str:
        return _WAYS[self.better]

    def written(self, *values: float) -> str:
        """A value, or a range from one to the other, as people read it."""
        digits = {"count": 0, "mean": 1, "share": 0, "seconds": 0}.get(self.kind, 3)
        factor, unit = {"share": (100, " %"), "seconds": (1000, " ms")}.get(self.kind, (1, ""))
        if self.kind == "share" and max(abs(value) for value in values) < 0.1:
            digits = 1
        # Adding nought takes the sign from what is rounded to it.
        rounded = [round(factor * value, digits) + 0.0 for value in values]
        told = [f"{value:,.{digits}f}".replace("-", "−") for value in rounded]
        return " to ".join(told) + unit


@dataclass(frozen=True)
class Part:
    """Rows that belong together; `key` is their place in an evaluation."""

    key: str
    title: str
    about: str
    rows: tuple[Row, ...]


SCORES = Part(
    "scores",
    "How near it comes to what people say",
    "Scores from 0 to 1, CIDEr from 0 to 10. They compare within the same photos only.",
    (
        Row("CIDEr", "CIDEr", "Agreement with people; what is said of few photos counts most."),
        Row("METEOR", "METEOR", "Words that match people's, other forms and synonyms included."),
        Row("ROUGE-L", "ROUGE-L", "The longest series of words shared with people, with gaps."),
        Row("BLEU-1", "BLEU-1", "Words that people use of the photo, too."),
        Row("BLEU-2", "BLEU-2", "Pairs of words that people use, too."),
        Row("BLEU-3", "BLEU-3", "Three words in a row that people use, too."),
        Row("BLEU-4", "BLEU-4", "Four words in a row that people use, too."),
    ),
)
CAPTIONS = Part(
    "captions",
    "What its captions are like",
    "How varied they are, and how long they take.",
    (
        Row("photos", "Photos", "So many were captioned.", NEITHER, "count"),
        Row("words", "Words per caption", "Their mean length.", NEITHER, "mean"),
        Row(
            *("distinct_words", "Different words", "In all captions together."),
            *(NEITHER, "count"),
        ),
        Row("unique", "Said once", "Photos whose caption no other photo got.", UP, "share"),
        Row("novel", "New", "Captions that are not among those to learn from.", NEITHER, "share"),
        Row("repeats", "Repeats", "Captions that say some three words twice.", DOWN, "share"),
        Row("seconds", "Time per photo", "Looking and captioning, here.", DOWN, "seconds"),
    ),
)
HALLUCINATION = Part(
    "hallucination",
    "Does it name what is there?",
    "CHAIR (Rohrbach et al. 2018): a thing is there if it has a box in the photo or a person named "
    "it. Beside it, what the captions would get of other photos.",
    (
        Row("CHAIRi", "CHAIR, nouns", "Nouns that name something that is not there. Only the kinds "
            "of things that have boxes in these data are judged.",
            DOWN, "share", unit="nouns"),
        Row("CHAIRs", "CHAIR, captions", "Captions with one such noun or more.",
            DOWN, "share", "CHAIRi", unit="captions"),
    ),
)  # fmt: skip
FAITHFULNESS = Part(
    "faithfulness",
    "Does attention tell the truth?",
    "Means with the range that holds the true one in 95 of 100 such samples of photos. Where two "
    "ranges overlap widely, the difference may be luck; of fewer than 100 answers, trust the range "
    "more than the mean. Beside pointing stands what the same nouns would get with other maps: a "
    "uniform one, one that always points to the middle of the photo, and those of nouns in other "
    "photos. Only what lies beyond all of them is about the thing that is named.",
    (
        Row("pointing", "Pointing", "Nouns of its captions whose map is strongest within the box "
            "of what they name. Where all boxes are known, as in drawn scenes, a noun that names "
            "nothing in the picture is a miss; else it is not asked about.",
            UP, "share", unit="nouns"),
        Row("pointing_near", "Pointing, nearly", "The same, up to 3 % of the picture's width "
            "beside the box, as the pointing game was published.",
            UP, "share", "pointing", unit="nouns"),
        Row("attention_within", "Attention within", "Share of a noun's attention that lies in the "
            "box of what it names.", UP, "share", unit="nouns"),
        Row("forced_pointing", "Pointing, references", "The same while it says, word for word, "
            "what people said of the photo: right nouns, and the same ones for every captioner.",
            UP, "share", unit="nouns"),
        Row("forced_pointing_near", "Pointing, references, nearly", "Up to 3 % of the picture's "
            "width beside the box.", UP, "share", "forced_pointing", unit="nouns"),
        Row("forced_attention_within", "Attention within, references", "Share of a noun's "
            "attention in the box, while it says what people said.", UP, "share", unit="nouns"),
        Row("mosaic", "Mosaic", "Two photos in one picture: share of a noun's attention on the one "
            "that it belongs to.", UP, "share", unit="nouns"),
        Row("cover_most", "Cover", "By how much a word's probability falls when the fifth of the "
            "cells that it looked at most is hidden. Much, if it needed them.",
            UP, "share", unit="words"),
        Row("cover_random", "Random cells", "The same for as many cells at random: should be "
            "less.", NEITHER, "share", "cover_most", "random cells", "words"),
        Row("cover_least", "Least attended", "The same for as many that it looked at least: "
            "should be near nought.", NEITHER, "share", "cover_most", "least attended", "words"),
        Row("maps_within", "Maps of different words", "How far the maps of a caption's words lie "
            "apart, 0 to 1. Near 0, every word looks at the same place; shuffled maps lie as far "
            "apart as by chance.", NEITHER, unit="pairs of words"),
        Row("maps_between", "Maps of the same word", "The same for a word in other captions of the "
            "photo: should be much less, if a map belongs to its word.",
            NEITHER, "score", "maps_within", "of the same word", "pairs of words"),
    ),
)  # fmt: skip
PARTS = (SCORES, CAPTIONS, HALLUCINATION, FAITHFULNESS)
