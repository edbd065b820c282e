"""From the layers of a network to the boxes of its drawing.

What only changes numbers in place (normalisation, activation, dropout) joins the box
of the layer before it; all that happens before the first weight is one box; repeated
blocks of a deep network are drawn once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from automl_reports.explanation import LayerRow
from automl_reports.subject import TIMES

#: Above so many boxes, repeated blocks are drawn once.
MOST_BOXES = 40

_SHORT = {
    "BatchNormalization": "BN",
    "LayerNormalization": "LN",
    "GroupNormalization": "GN",
    "SpatialDropout1D": "Dropout",
    "SpatialDropout2D": "Dropout",
    "SpatialDropout3D": "Dropout",
    "Relu": "ReLU",
    "relu": "ReLU",
    "gelu": "GELU",
    "Gelu": "GELU",
    "Max": "largest",
    "Mean": "mean",
    "elu": "ELU",
    "silu": "SiLU",
    "Silu": "SiLU",
}
_SILENT = frozenset(
    {
        "Activation",
        "Cast",
        "ConvertToTensor",
        "Identity",
        "InputLayer",
        "Isnan",
        "LogicalNot",
        "NotEqual",
        "Pad",
        "Permute",
        "Reshape",
        "Where",
    }
)
_MASKS = frozenset({"Multiply", "Add", "Divide", "TrueDivide", "Where"})
_PREPARATIONS = ("Rescaling", "Normalization", "Pooling", "Resizing", "Crop")
_OWN = ("Pooling", "Embedding", "UpSampling")
_LONGEST_PERIOD = 6


@dataclass(frozen=True)
class Box:
    """One box of the drawing.

    Attributes:
        group: `input`, `convolution`, `pooling`, `join`, `dense` or `other`.
        words: What happens in it, in order.
        shape: Shape of what leaves it.
        params: Weights in it.
        macs: Multiply-accumulates in it; `None` if they are not known.
        inputs: Places of the boxes that lead to it.
        times: How often the block that it belongs to is repeated.
        block: Number of that block; `None` for what is drawn as often as it occurs.
    """

    group: str
    words: tuple[str, ...]
    shape: tuple[int | None, ...]
    params: int
    macs: int | None
    inputs: tuple[int, ...]
    times: int = 1
    block: int | None = None


def boxes(rows: Sequence[LayerRow], *, most: int = MOST_BOXES) -> tuple[Box, ...]:
    """Return the boxes of a network, inputs before outputs.

    Args:
        rows: Its layers, in order of computation.
        most: Above so many boxes, repeated blocks are drawn once.
    """
    found = _fused(rows)
    return found if len(found) <= most else _folded(found)


def _fused(rows: Sequence[LayerRow]) -> tuple[Box, ...]:
    sources = _sources(rows)
    prepared = _prepared(rows, sources)
    kept = [_without_masks(i, rows, sources, prepared) for i in range(len(rows))]
    masks = {i for i, before in enumerate(kept) if len(before) < len(sources[i])}
    sources, heads = kept, _heads(rows, kept, prepared, masks)
    members: dict[int, list[int]] = {}
    for place, head in enumerate(heads):
        members.setdefault(head, []).append(place)
    places = {head: number for number, head in enumerate(members)}
    return tuple(
        _box(
            [rows[i] for i in inside if i not in masks],
            tuple(
                dict.fromkeys(
                    places[heads[s]]
                    for i in inside
                    for s in sources[i]
                    if heads[s] != head
                )
            ),
            is_input=prepared[head],
        )
        for head, inside in members.items()
    )


def _sources(rows: Sequence[LayerRow]) -> list[tuple[int, ...]]:
    """Return the places of the rows that each row takes the outputs of."""
    latest: dict[str, int] = {}
    found = []
    for place, row in enumerate(rows):
        known = (latest[name] for name in row.inputs if name in latest)
        found.append(tuple(dict.fromkeys(known)))
        latest[row.name] = place
    return found


def _prepared(
    rows: Sequence[LayerRow], sources: Sequence[tuple[int, ...]]
) -> list[bool]:
    """Return which rows only depend on the input, by no weight and no product."""
    found: list[bool] = []
    for row, before in zip(rows, sources, strict=True):
        free = row.params == 0 and row.macs == 0
        found.append(free and all(found[s] for s in before))
    return found


def _without_masks(
    place: int,
    rows: Sequence[LayerRow],
    sources: Sequence[tuple[int, ...]],
    prepared: Sequence[bool],
) -> tuple[int, ...]:
    """Return the sources of a row but for masks of the input's padding."""
    before, row = sources[place], rows[place]
    if prepared[place] or len(before) < 2 or row.kind not in _MASKS:
        return before
    kept = tuple(
        s
        for s in before
        if not (prepared[s] and rows[s].output_shape != row.output_shape)
    )
    return kept or before


def _heads(
    rows: Sequence[LayerRow],
    sources: Sequence[tuple[int, ...]],
    prepared: Sequence[bool],
    masks: Collection[int],
) -> list[int]:
    """Return the first row of the box that each row belongs to."""
    consumers = [0] * len(rows)
    for before in sources:
        for source in before:
            consumers[source] += 1
    first = next((i for i, free in enumerate(prepared) if free), 0)
    heads = []
    for place, row in enumerate(rows):
        before = sources[place]
        if prepared[place]:
            heads.append(first)
        elif len(before) != 1 or prepared[before[0]]:
            heads.append(place)
        elif place in masks or (consumers[before[0]] == 1 and _is_small(row)):
            heads.append(heads[before[0]])
        else:
            heads.append(place)
    return heads


def _is_small(row: LayerRow) -> bool:
    return row.macs == 0 and not any(word in row.kind for word in _OWN)


def _box(rows: Sequence[LayerRow], inputs: tuple[int, ...], *, is_input: bool) -> Box:
    words = [word for row in rows for word in _words(row)]
    if is_input:
        words = ["Input", *(w for w in dict.fromkeys(words) if _is_telling(w))]
    words = words or [rows[0].kind]
    distinct = [w for i, w in enumerate(words) if i == 0 or w != words[i - 1]]
    known = [row.macs for row in rows if row.macs is not None]
    return Box(
        group="input" if is_input else _group(rows[0]),
        words=tuple(distinct),
        shape=rows[0 if is_input else -1].output_shape,
        params=sum(row.params for row in rows),
        macs=sum(known) if len(known) == len(rows) else None,
        inputs=inputs,
    )


def _is_telling(word: str) -> bool:
    """Whether a step before the first weight is more than arithmetic of masks."""
    return any(part in word for part in _PREPARATIONS)


def _words(row: LayerRow) -> Iterator[str]:
    """Yield what a layer does, and its activation."""
    if row.kind not in _SILENT and not row.kind.startswith("ZeroPadding"):
        yield _name(row)
    if row.activation:
        yield _SHORT.get(row.activation, row.activation)


def _name(row: LayerRow) -> str:
    name = _SHORT.get(row.kind, row.kind)
    if row.kernel:
        name += f" {TIMES.join(map(str, row.kernel))}"
    if row.kernel and "Pooling" not in row.kind:
        name += f", {row.output_shape[-1]}"
    elif row.kind == "Dense":
        name += f" {row.output_shape[-1]}"
    strided = "Pooling" not in row.kind and max(row.strides, default=1) > 1
    return f"{name} /{max(row.strides)}" if strided else name


def _group(row: LayerRow) -> str:
    for word, group in (
        ("Conv", "convolution"),
        ("Pooling", "pooling"),
        ("Dense", "dense"),
    ):
        if word in row.kind:
            return group
    return "join" if len(row.inputs) > 1 else "other"


def _folded(found: Sequence[Box]) -> tuple[Box, ...]:
    """Return the boxes with each run of equal blocks drawn once."""
    blocks = _blocks(found)
    signs = [_sign(found, block) for block in blocks]
    kept: list[Box] = []
    moved: dict[int, int] = {}
    place = number = 0
    while place < len(blocks):
        period, times = _repeats(signs, place)
        copies = [
            [i for block in blocks[start : start + period] for i in block]
            for start in range(place, place + period * times, period)
        ]
        for same in zip(*copies, strict=True):
            moved.update(dict.fromkeys(same, len(kept)))
            kept.append(_merged([found[i] for i in same], moved, number))
        place += period * times
        number += 1
    return tuple(kept)


def _blocks(found: Sequence[Box]) -> list[list[int]]:
    """Return the boxes cut wherever one box is all that later ones depend on."""
    reach = list(range(len(found)))
    for place, box in enumerate(found):
        for source in box.inputs:
            reach[source] = max(reach[source], place)
    blocks: list[list[int]] = [[]]
    furthest = 0
    for place in range(len(found)):
        blocks[-1].append(place)
        if furthest <= place and place + 1 < len(found):
            blocks.append([])
        furthest = max(furthest, reach[place])
    return blocks


def _sign(found: Sequence[Box], block: Sequence[int]) -> tuple[object, ...]:
    """Return what two equal blocks have in common: all but where they are."""
    return tuple(
        (found[i].group, found[i].words, tuple(i - s for s in found[i].inputs))
        for i in block
    )


def _repeats(signs: Sequence[object], place: int) -> tuple[int, int]:
    """Return the period and number of the repeats from a place on that save most."""
    best, saved = (1, 1), 0
    for period in range(1, _LONGEST_PERIOD + 1):
        pattern = signs[place : place + period]
        times = 1
        while signs[place + times * period : place + (times + 1) * period] == pattern:
            times += 1
        if (times - 1) * period > saved:
            best, saved = (period, times), (times - 1) * period
    return best


def _merged(same: Sequence[Box], moved: dict[int, int], block: int) -> Box:
    known = [box.macs for box in same if box.macs is not None]
    return replace(
        same[0],
        shape=same[-1].shape,
        params=sum(box.params for box in same),
        macs=sum(known) if len(known) == len(same) else None,
        inputs=tuple(dict.fromkeys(moved[s] for s in same[0].inputs)),
        times=len(same),
        block=block if len(same) > 1 else None,
    )
