"""The package is typed: its sources are sound, its stub is that of the extension, and users' code is checked by it."""

from __future__ import annotations

import ast
import enum
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
from conftest import PROJECT

import quintile

PACKAGE = pathlib.Path(quintile.__file__).parent

USER_CODE = """
import quintile
result = quintile.run("plan.yaml", set={"scoring.recency.bins": 4}, threads=2)
rows: int = len(result.customers)
names: list[str] = result.summary.columns
name: str = result.explain(1)["segment_id"]
page: str = result.report()
for finding in result.review["findings"]:
    print(finding["check"])
try:
    quintile.rules.check({"version": 1}, mart=result)
except quintile.RulesError as error:
    line: int = error.line
"""

WRONG_CODE = """
import quintile
quintile.run(7)
quintile.run("plan.yaml", data=[1, 2])
quintile.run("plan.yaml").custmers
quintile.score(quintile.run("plan.yaml").customers, recency="days", ties="ignore")
"""


def mypy(tmp_path: pathlib.Path, *arguments: str | pathlib.Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mypy", "--config-file", PROJECT / "pyproject.toml", "--cache-dir", "cache", *arguments]
    env = {**os.environ, "MYPYPATH": str(PACKAGE.parent)}
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=env)


@pytest.mark.parametrize("case", ["package", "user"])
def test_types_are_sound(tmp_path: pathlib.Path, case: str) -> None:
    (tmp_path / "user.py").write_text(USER_CODE)
    checked = mypy(tmp_path, *(["-p", "quintile"] if case == "package" else ["user.py"]))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_wrong_use_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG_CODE)
    told = mypy(tmp_path, "wrong.py").stdout
    assert [line.split(":")[1] for line in told.splitlines() if ": error: " in line] == ["3", "4", "5", "6"]


def declared(body: list[ast.stmt]) -> dict[str, Any]:
    """Names of a stub: of classes their names, of functions how many arguments they take."""
    names: dict[str, Any] = {}
    for node in body:
        if isinstance(node, ast.ClassDef):
            names[node.name] = declared(node.body)
        elif isinstance(node, ast.FunctionDef):
            is_property = any(isinstance(mark, ast.Name) and mark.id == "property" for mark in node.decorator_list)
            names[node.name] = "value" if is_property else len(node.args.args)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = "value"
        elif isinstance(node, ast.Assign):
            names[node.targets[0].id] = "value"  # type: ignore[attr-defined]
    return names


def defined(owner: Any) -> dict[str, Any]:
    """The same of the extension itself."""
    names: dict[str, Any] = {}
    for name, value in vars(owner).items():
        if name.startswith("_"):
            continue
        if isinstance(value, type) and issubclass(value, enum.Enum):
            names[name] = dict.fromkeys(value.__members__, "value")
        elif isinstance(value, type):
            names[name] = defined(value)
        elif hasattr(value, "__nb_signature__"):
            (signature, *_), *_ = value.__nb_signature__
            function = ast.parse(f"{signature}: ...").body[0]
            arguments = function.args  # type: ignore[attr-defined]
            names[name] = len(arguments.posonlyargs) + len(arguments.args)
        else:
            names[name] = "value"
    return names


def test_the_stub_is_that_of_the_extension() -> None:
    stub = ast.parse((PACKAGE / "_native.pyi").read_text())
    assert declared(stub.body) == defined(quintile._native)


def test_every_public_name_is_documented() -> None:
    for name in quintile.__all__:
        value = getattr(quintile, name)
        assert value.__doc__, name
        for member, method in vars(value).items() if isinstance(value, type) else ():
            if not member.startswith("_"):
                assert getattr(method, "__doc__", None) or member in ("columns", "shape", "cut_points", "review"), member
    assert (PACKAGE / "py.typed").is_file()
    assert PROJECT.joinpath("pyproject.toml").is_file()
