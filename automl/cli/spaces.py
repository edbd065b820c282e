"""`automl spaces`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from automl.cli.options import data_options, parse_image_size

if TYPE_CHECKING:
    from automl_datasets.spec import DataSpec

_SAMPLE = 41  # an odd number has a median
_EXAMPLE = "32x32x3"


@click.command()
@click.argument("action", default="list", type=click.Choice(["list", "show"]))
@click.argument("name", required=False)
@click.option("--data", metavar="PATH", help="Show the space as it is for this data.")
@data_options
@click.option(
    "--shape",
    metavar="SHAPE",
    help="Show it for samples of this shape, channels last, such as 128x1.  "
    f"[default: {_EXAMPLE}]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def spaces(
    action: str,
    name: str | None,
    data: str | None,
    shape: str | None,
    as_json: bool,
    **asked: Any,
) -> int:
    """List the search spaces and landmark networks, or show one space.

    NAME is a shipped space, or a TOML, YAML or Python file with one of yours.
    """
    from automl.quiet import quiet_libraries, stderr_to

    _check(action, name, data, shape, asked)
    quiet_libraries()
    with stderr_to():
        import automl.training.spaces  # noqa: F401  TensorFlow chatters once
    if name is None:
        _print_list(as_json=as_json)
        return 0
    spec = _spec_of_data(data, asked) if data else _spec_of_shape(shape or _EXAMPLE)
    found = _facts(name, spec)
    if as_json:
        click.echo(json.dumps(found))
    else:
        _print_space(found)
    return 0


def _check(
    action: str,
    name: str | None,
    data: str | None,
    shape: str | None,
    asked: Mapping[str, Any],
) -> None:
    """Refuse what does not go together."""
    from automl.errors import RequestError

    if action == "show" and name is None:
        raise RequestError("Name the space to show: `automl spaces show auto`.")
    if action == "list" and (name or data or shape):
        raise RequestError(
            "`automl spaces list` lists all spaces; show one with `automl spaces show "
            f"{name or 'auto'}`."
        )
    if data is not None and shape is not None:
        raise RequestError("Give --data or --shape, not both.")
    if data is None and any(v not in (None, "auto") for v in asked.values()):
        raise RequestError(
            "Options on data are for --data; give it, or leave them out."
        )


def _print_list(*, as_json: bool) -> None:
    from automl_search_spaces.overview import published_networks
    from automl_search_spaces.registry import SPACES

    summaries = {space.name: space.summary for space in SPACES}
    networks = published_networks()
    if as_json:
        click.echo(json.dumps({"spaces": summaries, "landmarks": networks}))
        return
    for name, summary in summaries.items():
        click.echo(f"{name:<10} {summary}")
    click.echo("\nLandmark networks, and the parameters that their authors state:")
    for name, parameters in networks.items():
        click.echo(f"{name:<22} {f'{parameters:,}' if parameters else '-':>12}")


def _spec_of_shape(text: str) -> DataSpec:
    """Return data of that shape in ten classes."""
    from automl.errors import RequestError
    from automl_search_spaces.overview import EXAMPLE_KINDS, example_data

    parts = text.lower().split("x")
    sizes = tuple(int(part) for part in parts if part.isdecimal())
    if (
        len(sizes) != len(parts)
        or len(sizes) - 1 not in EXAMPLE_KINDS
        or min(sizes) < 1
    ):
        raise RequestError(
            "--shape must be one to three sides and the channels, such as 128x1 or "
            f"{_EXAMPLE}, but got {text!r}."
        )
    return example_data(sizes)


def _spec_of_data(path: str, asked: dict[str, Any]) -> DataSpec:
    """Prepare the data in a folder that is thrown away, and return what it is."""
    import tempfile
    from pathlib import Path

    from automl_datasets.options import DataOptions
    from automl_datasets.preparation import prepare

    size = parse_image_size(asked.pop("image_size"))
    options = DataOptions(path, image_size=size, **asked)
    with tempfile.TemporaryDirectory() as folder:
        return prepare(options, Path(folder)).spec


def _facts(name: str, spec: DataSpec) -> dict[str, Any]:
    """Return what a space holds for the data, as plain JSON values."""
    from automl.training.assignment import SpaceRequest
    from automl.training.spaces import discover_hyperparameters, load_space
    from automl_search_spaces.overview import describe

    space = load_space(SpaceRequest(name, max_epochs=1), spec)
    facts: dict[str, Any] = {
        "space": name,
        "shape": list(spec.shape),
        "kind": spec.kind,
        "dimensions": [asdict(d) for d in describe(discover_hyperparameters(space))],
    }
    if hasattr(space, "architecture"):  # a shipped one, narrowed or not
        facts |= _size_and_cost(space)
    return facts


def _size_and_cost(space: Any) -> dict[str, Any]:
    from automl_search_spaces.overview import (
        count_networks,
        count_trainings,
        sample_costs,
    )

    costs = sample_costs(space, _SAMPLE)
    return {
        "architectures": count_networks(space),
        "trainings": count_trainings(space),
        "landmarks": [landmark.name for landmark in space.landmarks()],
        "sample": _SAMPLE,
        "cheapest": asdict(costs[0]),
        "median": asdict(costs[len(costs) // 2]),
        "dearest": asdict(costs[-1]),
    }


def _print_space(facts: dict[str, Any]) -> None:
    shape = "x".join(str(side) for side in facts["shape"])
    click.echo(f"{facts['space']}, for {facts['kind']} samples of {shape}:")
    for dimension in facts["dimensions"]:
        when = f"  (if {dimension['condition']})" if dimension["condition"] else ""
        values = f"{dimension['values']}; usually {_usual(dimension['default'])}"
        click.echo(f"  {dimension['name']:<20} {values}{when}")
    if "sample" not in facts:
        return
    click.echo(f"different networks:  {_number(facts['architectures'])}")
    click.echo(f"ways to train each:  {_number(facts['trainings'])}")
    click.echo(f"landmarks:           {', '.join(facts['landmarks']) or 'none'}")
    click.echo(f"cost of {facts['sample']} random networks:")
    for which in ("cheapest", "median", "dearest"):
        click.echo(f"  {which:<9} {_cost(facts[which])}")


def _cost(cost: dict[str, Any]) -> str:
    return (
        f"{cost['params']:>12,} parameters {cost['macs']:>15,} MACs  "
        f"{cost['architecture']}"
    )


def _number(count: int | None) -> str:
    return "infinitely many" if count is None else f"{count:,}"


def _usual(default: Any) -> str:
    """Return a default in words."""
    words = {True: "yes", False: "no"}
    return words[default] if isinstance(default, bool) else str(default)
