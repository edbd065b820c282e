"""What a release is made of agrees with itself."""

from __future__ import annotations

import re
import runpy
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

import automl

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
if not (ROOT / "Dockerfile").exists():
    pytest.skip("only a checkout has what makes releases", allow_module_level=True)
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def promised() -> list[str]:
    """Return the Python versions that are tested, as the release script has them."""
    script = (ROOT / ".ci" / "check-release").read_text(encoding="utf-8")
    found = re.search(r'^promised="([\d. ]+)"$', script, re.MULTILINE)
    assert found
    return found[1].split()


def workflow(name: str) -> dict[str, Any]:
    text = (ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8")
    values: dict[str, Any] = yaml.safe_load(text)
    return values


def docker_arguments() -> dict[str, str]:
    return dict(re.findall(r"^ARG (\w+)=(\S+)$", DOCKERFILE, re.MULTILINE))


def test_one_version() -> None:
    version = PROJECT["project"]["version"]
    assert automl.__version__ == version
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(\d[^]]*)\]", changelog, re.MULTILINE)
    assert releases[0] == version


def test_the_oldest_python_is_the_floor() -> None:
    assert PROJECT["project"]["requires-python"] == f">={promised()[0]}"


@pytest.mark.parametrize(
    ("name", "job"), [("ci.yml", "test"), ("weekly.yml", "newest")]
)
def test_workflows_try_every_promised_python(name: str, job: str) -> None:
    matrix = workflow(name)["jobs"][job]["strategy"]["matrix"]
    assert matrix["python"] == promised()


def test_the_release_workflow_has_every_promised_python() -> None:
    steps = workflow("ci.yml")["jobs"]["release"]["steps"]
    setup = next(step for step in steps if "setup-python" in step.get("uses", ""))
    assert sorted(setup["with"]["python-version"].split()) == promised()


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_workflows_run_only_what_is_there(file: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = [
        step["run"].split()
        for job in workflow(file.name)["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    assert commands
    for command in commands:
        if command[0] == "make":
            assert f"\n{command[1]}:" in makefile
        elif command[0] == "bash":
            assert (ROOT / command[1]).is_file()
        else:
            assert command[0] == "docker"


def test_workflows_may_only_read() -> None:
    assert len(WORKFLOWS) == 2
    for file in WORKFLOWS:
        assert workflow(file.name)["permissions"] == {"contents": "read"}


def test_the_container_is_in_step_with_the_project() -> None:
    arguments = docker_arguments()
    assert arguments["PYTHON"] in promised()
    extras = set(arguments["EXTRAS"].split(","))
    assert extras <= set(PROJECT["project"]["optional-dependencies"])
    assert "video" not in extras  # parts under the GPL
    names = [re.split(r"[><=\[]", d)[0] for d in PROJECT["project"]["dependencies"]]
    assert arguments["TENSORFLOW"] in names
    entry = re.search(r'^ENTRYPOINT \["(\w+)"\]$', DOCKERFILE, re.MULTILINE)
    assert entry
    assert entry[1] in PROJECT["project"]["scripts"]


def test_the_container_is_built_from_what_the_wheel_takes() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    admitted = {line[1:] for line in lines if line.startswith("!")}
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert admitted == {*wheel, "pyproject.toml", "README.md", "LICENSE"}
    assert all((ROOT / name).exists() for name in admitted)


@pytest.mark.parametrize("file", ["Makefile", ".ci/audit"])
def test_every_extra_is_tested_and_audited(file: str) -> None:
    script = (ROOT / file).read_text(encoding="utf-8")
    (installed,) = re.findall(r'"\.\[([a-z,]+)\]"', script)
    extras = PROJECT["project"]["optional-dependencies"]
    assert sorted(installed.split(",")) == sorted(extras)


def test_a_wheel_that_lacks_or_adds_a_file_is_found(tmp_path: Path) -> None:
    look = runpy.run_path(str(ROOT / ".ci" / "check_distributions.py"))
    files: dict[str, Path] = look["package_files"]()
    wheel = tmp_path / "a.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("a.dist-info/licenses/LICENSE", "")
        for name, file in files.items():
            archive.write(file, name)
    assert look["faults_of_wheel"](wheel) == []
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tests/test_release.py", "")
        for name, file in files.items():
            if name != "automl_reports/py.typed":
                archive.write(file, name)
    assert look["faults_of_wheel"](wheel) == [
        "automl_reports/py.typed is missing",
        "tests/test_release.py does not belong there",
        "no licence",
    ]


def test_a_source_distribution_that_lacks_a_test_is_found(tmp_path: Path) -> None:
    look = runpy.run_path(str(ROOT / ".ci" / "check_distributions.py"))
    source = tmp_path / "a.tar.gz"
    left_out = "tests/test_release.py"
    with tarfile.open(source, "w:gz") as archive:
        for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
            archive.add(ROOT / name, f"a-1/{name}")
        for file in [*look["package_files"]().values(), *look["files_below"](TESTS)]:
            name = file.relative_to(ROOT).as_posix()
            if name != left_out:
                archive.add(file, f"a-1/{name}")
    assert look["faults_of_source"](source) == [f"{left_out} is missing"]
