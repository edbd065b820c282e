"""What the names of folders say: wrappers, parts, people, and what is no class."""

from __future__ import annotations

import re
from collections.abc import Sequence

from automl_datasets.sources._split_words import divided, split_word, words_of

_WRAPPERS = frozenset(
    """
    audio clips data dataset files images imgs photos pictures recordings samples scans
    videos volumes wav wavs
    """.split()  # noqa: SIM905 - words read better than literals
)
_STRUCTURE = frozenset(
    """
    annotation annotations bboxes boundingboxes groundtruth images imagesets imagestr
    imagests imagesval imgs jpegimages label labels labelstr labelsts labelsval mask
    masks segmentation segmentationclass segmentationobject segmentations trimaps xmls
    """.split()  # noqa: SIM905
)
_PARTS = frozenset(
    """
    batch batches chunk chunks folder fold folds image images part parts set shard
    shards split splits
    """.split()  # noqa: SIM905
)
_PEOPLE = frozenset(
    "actor participant patient person session speaker sub subject".split()  # noqa: SIM905
)
_RENDITIONS = frozenset(
    """
    augmented bw color colored colour coloured cropped denoised edges enhanced gray
    grayscale grey greyscale masked normalised normalized original originals processed
    raw resized rgb segmented thumbnails
    """.split()  # noqa: SIM905
)
_UNLABELLED = frozenset({"unlabeled", "unlabelled", "unsup"})


def is_wrapper(name: str, parent: str) -> bool:
    """Return whether a folder is called as one that only holds the data.

    Example:
        >>> is_wrapper("Images", "pets"), is_wrapper("Pets-1", "pets1")
        (True, True)
        >>> is_wrapper("cat", "pets")
        False
    """
    plain = _plain(name)
    return plain in _WRAPPERS or (plain != "" and plain == _plain(parent))


def is_structure(name: str) -> bool:
    """Return whether a name tells what files are for, rather than what they show.

    Example:
        >>> is_structure("JPEGImages"), is_structure("labelsTr"), is_structure("cat")
        (True, True, False)
    """
    return _plain(name) in _STRUCTURE


def is_split_like(name: str) -> bool:
    """Return whether a name means a split and nothing else that may be a class.

    Example:
        >>> is_split_like("test_images"), is_split_like("test1")
        (True, True)
        >>> is_split_like("crash_test")
        False
    """
    others, splits = divided(words_of(name))
    general = _WRAPPERS | _STRUCTURE | _PARTS
    return bool(splits) and general.issuperset(others)


def group_and_split(name: str) -> tuple[str, str] | None:
    """Return a name without the one word that means a split, and the split.

    Folders of one group belong together; `None` is returned where no word means a
    split, or more than one does.

    Example:
        >>> group_and_split("Birds-train"), group_and_split("test_images")
        (('birds', 'train'), ('images', 'test'))
        >>> group_and_split("crash"), group_and_split("train_test")
        (None, None)
    """
    others, splits = divided(re.findall(r"[^\W\d_]+|\d+", name.lower()))
    return ("_".join(others), splits[0]) if len(splits) == 1 else None


def why_no_class(names: Sequence[str]) -> dict[str, str]:
    """Return which of the folders beside each other hold no class, each with why.

    Only where two classes or more are left, and more than are left out; otherwise
    they are classes after all.

    Example:
        >>> why_no_class(["pos", "neg", "unsup"])
        {'unsup': 'its name says that its samples have no labels'}
        >>> why_no_class(["_cat_", "_dog_", "bird"])
        {}
    """
    reasons = {
        "a name in underscores is beside the classes": [
            name for name in names if _is_underscored(name)
        ],
        "its name says that its samples have no labels": [
            name for name in names if _says_unlabelled(name)
        ],
    }
    odd = {name for group in reasons.values() for name in group}
    left = len(names) - len(odd)
    return {
        name: why
        for why, group in reasons.items()
        if left > max(1, len(group))
        for name in group
    }


def _is_underscored(name: str) -> bool:
    return len(name) > 2 and name.startswith("_") and name.endswith("_")


def _says_unlabelled(name: str) -> bool:
    """Return whether the first or last word says so; others may be of anything."""
    words = words_of(name)
    return not _UNLABELLED.isdisjoint([*words[:1], *words[-1:]])


def are_parts(names: Sequence[str]) -> bool:
    """Return whether names number the parts of data, such as folds.

    Example:
        >>> are_parts(["fold1", "fold2"]), are_parts(["grade1", "grade2"])
        (True, False)
    """
    word = _numbered(names)
    return word in _PARTS or split_word(word) is not None


def are_people(names: Sequence[str]) -> bool:
    """Return whether names number people or recordings.

    Example:
        >>> are_people(["sub-01", "sub-02"]), are_people(["sub-01", "cat"])
        (True, False)
    """
    return _numbered(names) in _PEOPLE


def are_renditions(names: Sequence[str]) -> bool:
    """Return whether names tell apart what was done to the same samples, and no more.

    Example:
        >>> are_renditions(["color", "grayscale"]), are_renditions(["masked", "bare"])
        (True, False)
        >>> are_renditions(["Original Images", "Augmented Images"])
        True
    """
    told = [words_of(name) for name in names]
    rest = {tuple(word for word in words if word not in _RENDITIONS) for words in told}
    named = all(not _RENDITIONS.isdisjoint(words) for words in told)
    return len(names) > 1 and named and len(rest) == 1


def are_numbered(names: Sequence[str]) -> bool:
    """Return whether names are numbers, or one word with numbers.

    Example:
        >>> are_numbered(["001", "002"]), are_numbered(["p1", "p2"])
        (True, True)
        >>> are_numbered(["01_palm", "02_fist"])
        False
    """
    return all(map(str.isdecimal, names)) or _numbered(names) != ""


def _numbered(names: Sequence[str]) -> str:
    """Return the last word of the stem that all names number, or an empty text."""
    matches = [re.fullmatch(r"(.*?)[\W_]*\d+", name.lower()) for name in names]
    stems = {match[1] if match else "" for match in matches}
    words = words_of(stems.pop()) if len(stems) == 1 and len(names) > 1 else []
    return words[-1] if words else ""


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
