"""What the pages show is what happens: every snippet is run, every transcript compared."""

import re

import pytest

from conftest import PROGRAM, PROJECT
from snippets import LANGUAGES, Failure, Folder, copy_of, folder_after_make_run, snippets_of

PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def name_of(page):
    return str(page.relative_to(PROJECT))


@pytest.fixture(scope="session")
def after_make_run(tmp_path_factory):
    return folder_after_make_run(PROJECT, PROGRAM, tmp_path_factory.mktemp("snippets") / "made")


def outcome(folder, snippet):
    """What the block should hold, or what went wrong."""
    try:
        return folder.run(snippet), None
    except Failure as failure:
        return None, failure


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_snippets_do_what_the_page_says(page, after_make_run, tmp_path, request):
    text = page.read_text()
    snippets = snippets_of(name_of(page), text)
    folder = copy_of(after_make_run, tmp_path / "page")
    wrong = []
    for snippet in snippets:
        body, failure = outcome(folder, snippet)
        if failure:
            pytest.fail(f"{snippet.place}\n{failure}", pytrace=False)
        if body != snippet.body:
            wrong.append(f"{snippet.place} should read\n{body}")
            text = text.replace(snippet.body, body)
    if wrong and request.config.getoption("--update-transcripts"):
        page.write_text(text)
    elif wrong:
        pytest.fail("\n\n".join(wrong) + "\nrun scripts/transcripts and look at the change", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is(page):
    text = page.read_text()
    for snippet in snippets_of(name_of(page), text):
        assert snippet.language in LANGUAGES, f"{snippet.place}: a fence says its language: {', '.join(sorted(LANGUAGES))}"
        assert len(snippet.notes.get("not run", "a good reason")) > 8, f"{snippet.place}: say why it is not run"
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    indented = re.search(r"^\n {4}(quintile|make|pip|python3?) .*$", outside, re.M)
    assert not indented, f"{name_of(page)}: an indented command is run by nobody; put it into a fence: {indented[0].strip()}"


class TestTheRunnerItself:
    """A runner that lets everything pass would make every page right."""

    @pytest.mark.parametrize(("block", "complaint"), [
        ("```sh\nfalse\n```", "exit status 1, not 0"),
        ("<!-- exit status: 1 -->\n```sh\ntrue\n```", "exit status 0, not 1"),
        ("```pycon\n>>> 1 + 1\n3\n```", "Expected"),
    ])
    def test_sees_what_fails(self, block, complaint, tmp_path):
        [snippet] = snippets_of("page.md", f"text\n\n{block}\n")
        with pytest.raises(Failure, match=complaint):
            Folder(tmp_path).run(snippet)

    def test_sees_another_output(self, tmp_path):
        [snippet] = snippets_of("page.md", "```console\n$ printf 'a\\nb\\n'\na\nc\n```")
        assert Folder(tmp_path).run(snippet) == "$ printf 'a\\nb\\n'\na\nb\n"

    def test_reads_commands_of_several_lines(self, tmp_path):
        [snippet] = snippets_of("page.md", "```console\n$ echo a \\\n    b\na b\n$ echo c\nc\n```")
        assert Folder(tmp_path).run(snippet) == snippet.body

    def test_lets_points_stand_for_lines(self, tmp_path):
        [snippet] = snippets_of("page.md", "```console\n$ seq 5\n1\n...\n5\n```")
        assert Folder(tmp_path).run(snippet) == snippet.body

    def test_writes_files_and_skips_what_is_not_run(self, tmp_path):
        page = "<!-- file: a/b.txt -->\n```text\nhello\n```\n<!-- not run: it would fail -->\n```sh\nfalse\n```\n```sh\ngrep hello a/b.txt\n```"
        for snippet in snippets_of("page.md", page):
            Folder(tmp_path).run(snippet)
        assert (tmp_path / "a/b.txt").read_text() == "hello\n"
