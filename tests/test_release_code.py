"""What no module of the product may do: unpickle, evaluate, load without care.

What is unpickled comes from processes that the product started itself, or from a Ray
cluster that the user named; see SECURITY.md.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from automl_search_spaces.errors import SpaceError
from automl_search_spaces.syntax import read_document

ROOT = Path(__file__).parents[1]
ROOMS = ("automl", "datasets", "reports", "search_spaces")
EXCUSED = {
    # Jobs and results of workers on a cluster; samples from processes that read.
    "automl/workers/parcels.py": ["imports pickle"],
    "datasets/automl_datasets/reading_processes.py": ["imports pickle"],
    # A file that the user named; a module of ours, in the process that proves exports.
    "automl/user_file.py": ["calls specification.loader.exec_module"],
    "automl/export/proof/prove.py": ["calls specification.loader.exec_module"],
}
#: Modules that execute what they read.
EXECUTING = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve", "torch"}
BUILT_IN = {"__import__", "compile", "eval", "exec"}
YAML = {"full_load", "unsafe_load", "load_all", "full_load_all", "unsafe_load_all"}
SHELL = {"os.popen", "os.system", "subprocess.getoutput", "subprocess.getstatusoutput"}


def modules() -> list[Path]:
    return [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py"))]


def faults(tree: ast.AST) -> Iterator[str]:
    """Yield what a module does that executes what it reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node)
        elif isinstance(node, ast.Call):
            yield from _calls(node)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    names = [alias.name for alias in node.names]
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else names
    yield from (f"imports {n}" for n in names if n.partition(".")[0] in EXECUTING)


def _calls(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    last = name.rpartition(".")[2]
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    if name in BUILT_IN | SHELL or last == "exec_module":
        yield f"calls {name}"
    if given.get("allow_pickle", "False") != "False":
        yield "allows pickle"
    if given.get("shell", "False") != "False":
        yield "runs a shell"
    if last == "load_model" and given.get("safe_mode") != "True":
        yield "loads a model without safe mode"
    if name.startswith("yaml.") and last in YAML:
        yield f"calls {name}"
    if name == "yaml.load" and given.get("Loader") != "_Loader":  # a SafeLoader
        yield "loads YAML without a safe loader"


def test_nothing_that_is_read_is_executed() -> None:
    found = {}
    for file in modules():
        name = file.relative_to(ROOT).as_posix()
        seen = list(faults(ast.parse(file.read_text(encoding="utf-8"))))
        if seen:
            found[name] = seen
    assert found == EXCUSED


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "eval(text)",
        "np.load(file, allow_pickle=True)",
        "np.load(file, allow_pickle=flag)",
        "keras.saving.load_model(path)",
        "keras.saving.load_model(path, safe_mode=False)",
        "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)",
        "subprocess.run(text, shell=True)",
        "os.system(text)",
    ],
)
def test_each_is_seen(text: str) -> None:
    assert len(list(faults(ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['true']",
        "!!python/name:os.system",
        "!!python/tuple [1]",  # which all but a safe loader make
    ],
)
def test_yaml_is_read_by_a_safe_loader(text: str, tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(f"space: {text}\n", encoding="utf-8")
    with pytest.raises(SpaceError, match="could not determine a constructor"):
        read_document(file)
