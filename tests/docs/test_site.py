"""The site: builds without a warning, leads nowhere that is not there, and needs no network."""

import html.parser
import os
import pathlib
import subprocess
import sys
import urllib.parse

import pytest

from conftest import PROJECT


@pytest.fixture(scope="session")
def site(tmp_path_factory, program):
    """The built site. Sphinx looks for dead references and orphaned pages; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-d", folder / "doctrees",
                    PROJECT / "docs", folder / "html"], check=True, env={**os.environ, "QUINTILE": str(program)})
    return folder / "html"


class Page(html.parser.HTMLParser):
    """The anchors of a page, where its links lead, and what it loads by itself."""

    LOADS = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}

    def __init__(self, file):
        super().__init__()
        self.anchors, self.links, self.loads, self.untitled = set(), [], [], []
        self.feed(file.read_text())

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors.update(value for key in ("id", "name") if (value := values.get(key)))
        for key, value in attributes:
            if (tag, key) in self.LOADS:
                self.loads.append(value)
            elif (tag, key) == ("a", "href"):
                self.links.append(value)
        if tag == "img" and not values.get("alt"):
            self.untitled.append(values.get("src", "")[:60])


@pytest.fixture(scope="session")
def pages(site):
    return {file: Page(file) for file in sorted(site.rglob("*.html"))}


def is_local(address):
    parts = urllib.parse.urlsplit(address)
    return not parts.scheme and not parts.netloc


def target_of(page, address):
    path = urllib.parse.unquote(urllib.parse.urlsplit(address).path)
    return (page.parent / path).resolve() if path else page


def test_every_local_link_leads_somewhere(pages):
    dead = []
    for file, page in pages.items():
        for address in filter(is_local, page.links + page.loads):
            target, anchor = target_of(file, address), urllib.parse.urlsplit(address).fragment
            if not target.exists():
                dead.append(f"{file.name}: {address}")
            elif anchor and target in pages and urllib.parse.unquote(anchor) not in pages[target].anchors:
                dead.append(f"{file.name}: {address} (no such place in the page)")
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(pages, site):
    remote = [(file.name, address) for file, page in pages.items() for address in page.loads
              if not is_local(address) and not address.startswith("data:")]
    assert remote == []
    for style in site.rglob("*.css"):
        assert "url(http" not in style.read_text() and "@import" not in style.read_text(), style


def test_links_to_elsewhere_are_whole(pages):
    for file, page in pages.items():
        for address in page.links:
            if not is_local(address):
                assert urllib.parse.urlsplit(address).scheme in ("https", "mailto"), f"{file.name}: {address}"


def test_every_picture_says_what_it_shows(pages):
    assert {file.name: page.untitled for file, page in pages.items() if page.untitled} == {}


def test_the_reference_is_complete(site):
    """Keys and commands come from the code; a page that lost its mark would be empty."""
    plan = (site / "reference/plan.html").read_text()
    for key in ("input.columns.average_order_value", "scoring.monetary.upper_bounds", "review.checks[].on_fail"):
        assert f">{key}<" in plan, key
    commands = (site / "reference/commands.html").read_text()
    for command in ("quintile run", "quintile rules diff", "quintile verify", "quintile schema"):
        assert f">{command}<" in commands or all(f">{word}<" in commands for word in command.split()), command


@pytest.mark.parametrize("name", ["plan", "rules"])
def test_the_schemas_are_published(site, name):
    file = f"{name}.schema.json"
    assert (site / "schema" / file).read_bytes() == (PROJECT / "docs/schema" / file).read_bytes()


def test_no_path_of_this_machine_is_published(site):
    for file in sorted(site.rglob("*.html")):
        text = file.read_text()
        assert str(pathlib.Path.home()) not in text and str(PROJECT) not in text, file
