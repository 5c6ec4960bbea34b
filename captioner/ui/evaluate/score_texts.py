"""The metrics on the page: their names, their explanations, and which direction is better."""

from dataclasses import dataclass, replace

UP, DOWN, NEITHER = 1, -1, 0
# Baselines of a measure and their labels; each has a sign of its own in the charts.
BASELINES = {"uniform": "uniform map", "middle": "photo's middle", "shuffled": "other photos"}
_DIRECTIONS = {UP: "higher is better", DOWN: "lower is better", NEITHER: ""}
_DIGITS = {"count": 0, "mean": 1, "share": 0, "seconds": 0}
_UNITS = {"share": (100, " %"), "seconds": (1000, " ms")}  # factor, unit


@dataclass(frozen=True)
class Metric:
    """One number of an evaluation."""

    key: str
    label: str
    meaning: str
    better: int = UP
    kind: str = "score"  # how it is written: score, share, count, mean or seconds
    under: str = ""  # key of the metric that it is compared with
    beside: str = ""  # its label beside that metric
    unit: str = ""  # what is counted

    def of_head(self, layer: int, head: int) -> "Metric":
        """The same of one head of a transformer alone."""
        return replace(
            self,
            key=f"{self.key}/{layer}.{head}",
            label=f"Layer {layer}, head {head}",
            meaning="The same for this head of a transformer alone.",
            under=self.key,
        )

    @property
    def direction(self) -> str:
        return _DIRECTIONS[self.better]

    def format(self, *values: float) -> str:
        """Returns a value, or the range from one to the other, with its unit."""
        digits = _DIGITS.get(self.kind, 3)
        factor, unit = _UNITS.get(self.kind, (1, ""))
        if self.kind == "share" and max(abs(value) for value in values) < 0.1:
            digits = 1
        rounded = [round(factor * value, digits) + 0.0 for value in values]  # no "-0"
        return " to ".join(f"{value:,.{digits}f}".replace("-", "−") for value in rounded) + unit


@dataclass(frozen=True)
class MetricGroup:
    """Metrics that are shown together; `key` is their field in an Evaluation."""

    key: str
    title: str
    about: str
    metrics: tuple[Metric, ...]


SCORES = MetricGroup(
    "scores",
    "Caption quality",
    "How close the captions are to the references, the captions that people wrote. CIDEr is from "
    "0 to 10, the others are from 0 to 1. Compare them for the same photos only.",
    (
        Metric("CIDEr", "CIDEr", "Agreement with the references; words of few photos count most."),
        Metric("METEOR", "METEOR", "Matching words, including other forms and synonyms."),
        Metric("ROUGE-L", "ROUGE-L", "The longest common sequence of words; gaps are allowed."),
        Metric("BLEU-1", "BLEU-1", "Words that the references have, too."),
        Metric("BLEU-2", "BLEU-2", "The same for up to two words in a row."),
        Metric("BLEU-3", "BLEU-3", "The same for up to three words in a row."),
        Metric("BLEU-4", "BLEU-4", "The same for up to four words in a row."),
    ),
)
CAPTIONS = MetricGroup(
    "captions",
    "Variety and speed",
    "How varied the captions are, and how long they take.",
    (
        Metric("photos", "Photos", "Number of captioned photos.", NEITHER, "count"),
        Metric("words", "Words per caption", "Mean length.", NEITHER, "mean"),
        Metric("distinct_words", "Different words", "In all captions.", NEITHER, "count"),
        Metric(
            "unique", "Unique captions", "Photos whose caption no other photo has.", UP, "share"
        ),
        Metric(
            "novel",
            "Novel captions",
            "Captions that are not in the training data.",
            NEITHER,
            "share",
        ),
        Metric(
            "repeats",
            "Repetitive captions",
            "Captions with the same three words twice.",
            DOWN,
            "share",
        ),
        Metric("seconds", "Time per photo", "From file to caption, here.", DOWN, "seconds"),
    ),
)
HALLUCINATION = MetricGroup(
    "hallucination",
    "Object hallucination",
    "Do captions name what is there? CHAIR (Rohrbach et al. 2018). An object is there if it has a "
    "box in the photo or if a reference names it. The baseline gives each photo the caption of "
    "another photo.",
    (
        Metric("CHAIRi", "CHAIR, nouns", "Nouns that name an object that is not there. Only kinds "
               "of objects that have boxes in these data are judged.",
               DOWN, "share", unit="nouns"),
        Metric("CHAIRs", "CHAIR, captions", "Captions with at least one such noun.",
               DOWN, "share", "CHAIRi", unit="captions"),
    ),
)  # fmt: skip
FAITHFULNESS = MetricGroup(
    "faithfulness",
    "Attention: faithfulness and grounding",
    "Means with their 95 % confidence intervals. Where two intervals overlap widely, the "
    "difference may be chance. With fewer than 100 answers, trust the interval more than the mean. "
    "The baselines of pointing use other maps for the same nouns: a uniform map, a map that always "
    "points to the photo's middle, and maps of nouns in other photos. Only a mean beyond all "
    "baselines shows that attention follows the named object.",
    (
        Metric("pointing", "Pointing", "Nouns of the captions whose map peaks inside the box of "
               "the named object. A noun without an object is a miss if all boxes are known, as in "
               "drawn scenes; in photos it is not counted.",
               UP, "share", unit="nouns"),
        Metric("pointing_near", "Pointing, nearly", "The same with a margin of 3 % of the photo's "
               "width around the box, as in the original pointing game.",
               UP, "share", "pointing", unit="nouns"),
        Metric("attention_within", "Attention within", "Share of a noun's attention inside the box "
               "of the named object.", UP, "share", unit="nouns"),
        Metric("forced_pointing", "Pointing, references", "The same while the captioner is forced "
               "to say the references: right nouns, and the same nouns for every captioner.",
               UP, "share", unit="nouns"),
        Metric("forced_pointing_near", "Pointing, references, nearly", "The same with a margin of "
               "3 % of the photo's width.", UP, "share", "forced_pointing", unit="nouns"),
        Metric("forced_attention_within", "Attention within, references", "Share of a noun's "
               "attention inside the box, with forced references.", UP, "share", unit="nouns"),
        Metric("mosaic", "Mosaic", "Two photos in one picture: share of a noun's attention on the "
               "photo that it belongs to.", UP, "share", unit="nouns"),
        Metric("cover_most", "Occlusion drop", "How much a word's probability falls when the fifth "
               "of the cells with the most attention is covered. It falls much if the word needs "
               "them.",
               UP, "share", unit="words"),
        Metric("cover_random", "Random cells", "The same for as many random cells: should be "
               "less.", NEITHER, "share", "cover_most", "random cells", "words"),
        Metric("cover_least", "Least attended", "The same for as many cells with the least "
               "attention: should be near 0.",
               NEITHER, "share", "cover_most", "least attended", "words"),
        Metric("maps_within", "Maps of different words", "Distance between the maps of a caption's "
               "words, 0 to 1. It is near 0 if every word attends to the same cells, and as large "
               "as by chance if maps are shuffled.", NEITHER, unit="pairs of words"),
        Metric("maps_between", "Maps of the same word", "The same for one word in several captions "
               "of the photo: should be much less if a map belongs to its word.",
               NEITHER, "score", "maps_within", "of the same word", "pairs of words"),
    ),
)  # fmt: skip
GROUPS = (SCORES, CAPTIONS, HALLUCINATION, FAITHFULNESS)
