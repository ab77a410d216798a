"""The snippets of the documentation, and a folder to run them in.

A snippet is a fenced block; its language says what is done with it:

    sh          a script; it must end well
    console     commands after "$ ", each followed by exactly what it prints; a line "..." stands for any lines
    python      run in one interpreter for the page
    pycon       the same, with ">>> " and what is printed, as doctest reads it
    yaml        must be YAML, and a plan or rules if it says version: 1
    text, json, sql         shown, not run

Comments before the fence say more, each on a line of its own:

    <!-- file: NAME -->         the block is that file's content
    <!-- exit status: N -->     commands that must end so
    <!-- not run: REASON -->    why it is shown alone

Every page has a folder of its own, as it is after `make run`: configs, data, reports, the program on the PATH.
"""

import dataclasses
import doctest
import os
import re
import shutil
import subprocess

import yaml

LANGUAGES = {"sh", "console", "python", "pycon", "yaml", "text", "json", "sql"}
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w+-]*)[^\n`]*\n(?P<body>.*?)^(?P=indent)```$", re.M | re.S)
NOTE = re.compile(r"<!-- (?P<key>file|exit status|not run): (?P<value>(?:(?!-->).)+?) -->\s*\Z", re.S)
ANY_LINES = "..."


@dataclasses.dataclass
class Snippet:
    page: str
    line: int
    language: str
    body: str
    notes: dict[str, str]

    @property
    def place(self):
        return f"{self.page}:{self.line}"


def snippets_of(page, text):
    """The fenced blocks of a page, with the notes before them. Directives, whose language is in braces, are none."""
    found = []
    for match in FENCE.finditer(text):
        notes, before = {}, text[:match.start()]
        while note := NOTE.search(before):
            notes[note["key"]] = note["value"]
            before = before[:note.start()]
        indent = match["indent"]
        body = re.sub(f"^{indent}", "", match["body"], flags=re.M)
        if not text[match.start():match.end()].lstrip().startswith("```{"):
            found.append(Snippet(page, text.count("\n", 0, match.start()) + 1, match["language"], body, notes))
    return found


class Failure(Exception):
    pass


class Folder:
    """Where a page's snippets run, one after the other."""

    def __init__(self, path):
        self.path = path
        self.names = {"__name__": "__main__"}

    def run(self, snippet):
        """Runs a snippet. Returns what its block should hold; raises Failure where it does not do what it says."""
        if "not run" in snippet.notes:
            return snippet.body
        if "file" in snippet.notes:
            file = self.path / snippet.notes["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(snippet.body)
        return getattr(self, "run_" + snippet.language, lambda one: one.body)(snippet)

    def shell(self, script, status):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.path, text=True, capture_output=True,
                              timeout=120, stdin=subprocess.DEVNULL, env=self.environment())
        if done.returncode != status:
            raise Failure(f"exit status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
        return done.stdout + (done.stderr if status else "")

    def environment(self):
        return {**os.environ, "PATH": f"{self.path}/build/release/bin:{os.environ['PATH']}", "COLUMNS": "100",
                "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}

    def run_sh(self, snippet):
        self.shell(snippet.body, int(snippet.notes.get("exit status", 0)))
        return snippet.body

    def run_console(self, snippet):
        parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", snippet.body, flags=re.M)
        if parts[0]:
            raise Failure("a console block begins with a command: '$ ...'")
        body = ""
        for command, shown in zip(parts[1::2], parts[2::2], strict=True):
            printed = self.shell(command, int(snippet.notes.get("exit status", 0)))
            printed = "".join(line.rstrip() + "\n" for line in printed.strip("\n").splitlines())
            body += f"$ {command}\n" + (shown if matches(shown, printed) else printed)
        return body

    def run_python(self, snippet):
        with working_in(self.path):
            exec(compile("\n" * snippet.line + snippet.body, snippet.page, "exec"), self.names)
        return snippet.body

    def run_pycon(self, snippet):
        test = doctest.DocTestParser().get_doctest(snippet.body, self.names, snippet.place, snippet.page, snippet.line)
        report = []
        with working_in(self.path):
            result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(
                test, out=report.append, clear_globs=False)
        self.names.update(test.globs)
        if result.failed:
            raise Failure("".join(report))
        return snippet.body

    def run_yaml(self, snippet):
        yaml.safe_load(snippet.body)
        return snippet.body


def matches(shown, printed):
    """Whether the lines are alike; a line of three points in `shown` stands for any number of lines."""
    pattern = "".join(r"(?:.*\n)*?" if line.strip() == ANY_LINES else re.escape(line) + "\n" for line in shown.splitlines())
    return re.fullmatch(pattern, printed) is not None


class working_in:
    def __init__(self, folder):
        self.folder = folder

    def __enter__(self):
        self.before = os.getcwd()
        os.chdir(self.folder)

    def __exit__(self, *_):
        os.chdir(self.before)


def folder_after_make_run(project, program, path):
    """What `make run` leaves: the plans, the customers, the mart, the report."""
    shutil.copytree(project / "configs", path / "configs")
    (path / "build/release/bin").mkdir(parents=True)
    (path / "build/release/bin/quintile").symlink_to(program)
    folder = Folder(path)
    folder.shell("quintile generate --out data/raw/synthetic_customers.csv && quintile run configs/default.yaml", 0)
    return folder


def copy_of(folder, path):
    """Another folder with the same content; the customers, which nobody changes, are not copied."""
    raw = folder.path / "data/raw"
    shutil.copytree(folder.path, path, symlinks=True, ignore=lambda at, _: ["raw"] if at == str(raw.parent) else [])
    (path / "data/raw").symlink_to(raw)
    return Folder(path)
