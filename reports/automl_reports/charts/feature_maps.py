"""What the first convolutions of a model make of one sample."""

from __future__ import annotations

from markupsafe import Markup

from automl_reports.charts.drawing import Drawing
from automl_reports.explanation import FeatureMaps
from automl_reports.figures import shorten
from automl_reports.model_detail import ModelDetail
from automl_reports.rows import RunReport
from automl_reports.subject import TIMES
from automl_reports.svg import element, picture

_TINY = 200
_LEAST_LINE = 6


def draw(report: RunReport, model: ModelDetail) -> Drawing | None:
    """Return one picture a layer, or `None` where none was made."""
    found = model.explanation
    if found is None or not found.feature_maps:
        return None
    parts = [part for maps in found.feature_maps for part in _layer(maps, found.sample)]
    along = len(found.feature_maps[0].shape) == 2
    way = "a line is one, time runs to the right" if along else "a tile is one"
    if report.data.kind == "audio" and not along:
        way += ", time runs down"
    return Drawing(
        f"First convolutions on the sample {shorten(found.sample, 40)}: the channels "
        f"that vary most ({way}), each from its lowest value, black, to its highest",
        element("div", *parts, class_="maps"),
    )


def _layer(maps: FeatureMaps, sample: str) -> tuple[Markup, Markup]:
    *space, channels = maps.shape
    title = (
        f"{shorten(maps.layer, 60)}: {maps.channels} of {channels} channels, "
        f"{TIMES.join(map(str, space))} positions"
    )
    panel = maps.panel
    width, height = float(panel.width), float(panel.height)
    if len(space) == 1:  # lines of one pixel: high enough to be seen
        width, height = 40.0 * _LEAST_LINE, height * _LEAST_LINE
    image = element(
        "image",
        href=panel.picture,
        width=width,
        height=height,
        preserveAspectRatio="none",
        class_="pixels" if panel.width <= _TINY or len(space) == 1 else None,
    )
    label = f"Layer {title}, of {shorten(sample, 40)}"
    return element("h4", title), picture(label, width, height, image)
