"""What the documentation says is tried: its commands, its examples, its links.

The conventions of the pages:

* A line in a fenced block that begins with `automl` is a command, and has to parse. A
  gap of three spaces, or ` #`, begins a remark. What a command prints is in a block
  marked `text`, where nothing is looked at.
* A `python` block with `>>>` is run as a doctest, each page in a namespace of its own.
  Any other has to be Python, import only what is there, and give `automl.search` no
  argument that it does not know.
* Links are relative. Those of a page stay within `docs/`, so that the site has them.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from automl.cli import cli
from automl.cli.search import request_of
from automl.errors import RequestError

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
ROOMS = ("automl", "benchmarks", "datasets", "reports", "search_spaces")
READMES = [ROOT / room / "README.md" for room in ROOMS]
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md"), *READMES])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

_FENCE = re.compile(r"^( *)(```+)(\w*)[^\n]*\n(.*?)^\1\2 *$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
_REMARK = re.compile(r"\s#\s.*|\s{3,}\S.*")


class Block(NamedTuple):
    """A fenced block: its language, its text, its first line in the page."""

    language: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 2
        yield Block(found[3], textwrap.dedent(found[4]), line)


def commands(page: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield line and arguments of every `automl` command of a page."""
    for block in blocks(page):
        if block.language in ("text", "python", "json"):
            continue
        joined = block.text.replace("\\\n", " ")
        for number, line in enumerate(joined.splitlines()):
            typed = line.strip().removeprefix("$ ")
            if typed.startswith("automl "):
                yield block.line + number, shlex.split(_REMARK.sub("", typed))[1:]


def parse(arguments: list[str]) -> None:
    """Parse a command line, and check what needs no data; run nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(click.Command, "invoke", check_request)
        cli.main(arguments, prog_name="automl", standalone_mode=False)


def check_request(command: click.Command, context: click.Context) -> None:
    """Do of a command only what `automl search` does before it looks at data."""
    if command.name == "search":
        chosen = dict(context.params)
        for name in ("quiet", "as_json", "out"):
            del chosen[name]
        request_of(chosen)


def test_there_are_commands_and_examples() -> None:
    assert sum(1 for page in PAGES for _ in commands(page)) > 40
    assert sum(1 for page in PAGES for _ in examples(page)) > 2


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_parse(page: Path) -> None:
    for line, arguments in commands(page):
        try:
            parse(arguments)
        except Exception as error:  # click's, or a RequestError
            pytest.fail(f"{page}:{line}: automl {shlex.join(arguments)}: {error}")


@pytest.mark.parametrize(
    "line",
    [
        "serch --data x",
        "search --data x --objectiv val_f1",
        "search --data x --budget 10",
    ],
)
def test_wrong_commands_are_found(line: str) -> None:
    with pytest.raises((click.ClickException, RequestError)):
        parse(shlex.split(line))


def examples(page: Path) -> Iterator[Block]:
    return (b for b in blocks(page) if b.language == "python" and ">>>" in b.text)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(examples(page))], ids=lambda page: page.stem
)
def test_examples_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    parser = doctest.DocTestParser()
    namespace: dict[str, object] = {}
    told: list[str] = []
    for block in examples(page):
        test = parser.get_doctest(
            block.text, namespace, page.name, str(page), block.line - 1
        )
        runner.run(test, out=told.append, clear_globs=False)
        namespace = test.globs

    assert runner.summarize(verbose=False).failed == 0, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_python_is_sound(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python" and ">>>" not in block.text:
            tree = ast.parse(block.text, filename=f"{page}:{block.line}")
            for node in ast.walk(tree):
                check_import(node)
                check_search(node)


def check_import(node: ast.AST) -> None:
    """Check that what is imported from our own packages exists."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("automl"):
        module = importlib.import_module(node.module or "")
        for alias in node.names:
            if not hasattr(module, alias.name):
                importlib.import_module(f"{node.module}.{alias.name}")


def check_search(node: ast.AST) -> None:
    """Check that a call of `automl.search` gives only what it takes."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "automl.search":
        from automl.api import search

        known = set(inspect.signature(search).parameters)
        given = {keyword.arg for keyword in node.keywords if keyword.arg}
        assert given <= known, given - known


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_links_lead_somewhere(page: Path) -> None:
    for target in links(page):
        path, _, anchor = target.partition("#")
        aim = Path(os.path.normpath(page.parent / path)) if path else page
        assert aim.exists(), f"{page}: there is no {target}"
        if DOCS in page.parents:
            assert DOCS in aim.parents, f"{page}: {target} is not part of the site"
        if anchor and aim.suffix == ".md":
            assert anchor in anchors(aim), f"{page}: no heading for {target}"


def links(page: Path) -> Iterator[str]:
    """Yield the relative links and pictures of a page."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    prose = re.sub(r"`[^`\n]*`", "`code`", prose)
    for target in _LINK.findall(prose):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as Markdown writes them."""
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ +(.+?)(?: +\{[^}]*\})?$", prose, re.MULTILINE)
    explicit = re.findall(r"\{ *#([\w-]+) *\}", prose)
    words = (re.sub(r"[^\w\s-]", "", head).strip().lower() for head in heads)
    return {re.sub(r"[\s-]+", "-", word) for word in words} | set(explicit)


def test_site_builds_and_fetches_nothing(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="the theme of the site is not installed")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    told = subprocess.run(
        [*command, "--config-file", ROOT / "mkdocs.yml", "--site-dir", tmp_path],
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    fetched = re.compile(r"<(?:script|img|link)[^>]+(?:src|href)=\"?(?:https?:)?//")
    for page in tmp_path.rglob("*.html"):
        assert not fetched.search(page.read_text(encoding="utf-8")), page


def test_site_has_every_page() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r"^ *- (?:\w[^:\n]*: )?(\S+\.md)$", nav, re.MULTILINE))
    there = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}

    assert listed == there


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_installs_are_editable_and_of_extras_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r'pip install "?\.', text), "docs/adr/0001: always editable"
    for named in re.findall(r'"(?:\.|conv-automl)\[([\w,]+)\]"', text):
        assert set(named.split(",")) <= extras(), named


def test_every_extra_is_listed() -> None:
    text = (DOCS / "get-started.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == extras()


def extras() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(project["project"]["optional-dependencies"])
