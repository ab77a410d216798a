"""The command reference: what every command says of itself with --help."""

import os
import pathlib
import re
import subprocess


def program(project):
    """The program: $QUINTILE, else the newest of the built ones."""
    if "QUINTILE" in os.environ:
        return pathlib.Path(os.environ["QUINTILE"]).absolute()
    built = [file for preset in ("release", "dev") if (file := project / f"build/{preset}/bin/quintile").exists()]
    if not built:
        raise FileNotFoundError("no program under build/release or build/dev; run make docs, or name one in $QUINTILE")
    return max(built, key=lambda file: file.stat().st_mtime)


def reference(project, _):
    """A section for each command, with its help; and the program."""
    quintile = program(project)
    sections = []
    for path in commands(quintile, []):
        text = help_of(quintile, path)
        summary, _, rest = text.partition("\n")
        sections.append(f"## `quintile {' '.join(path)}`\n\n{summary}\n\n```text\n{rest.strip()}\n```\n")
    return "\n".join(sections), [quintile]


def help_of(quintile, path):
    return subprocess.run([quintile, *path, "--help"], check=True, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "COLUMNS": "90", "NO_COLOR": "1"}).stdout.strip()


def commands(quintile, path):
    """Every command that does something, as a list of words."""
    names = re.search(r"^(?:Subcommands|SUBCOMMANDS):\n((?:  .*\n?)+)", help_of(quintile, path), re.M)
    if not names:
        yield path
        return
    for name in re.findall(r"^  (\w[\w-]*)", names[1], re.M):
        yield from commands(quintile, [*path, name])
