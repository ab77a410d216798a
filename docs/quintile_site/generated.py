"""Fills the marks `<!-- generated: WHAT ARGUMENT -->` of a page with Markdown made from the code's own words."""

import pathlib
import re
import shutil

from quintile_site import commands, notebook, pages, schema

PROJECT = pathlib.Path(__file__).resolve().parents[2]
MARK = re.compile(r"^<!-- generated: (?P<what>[a-z]+)(?: (?P<argument>\S+))? -->$", re.M)

# What a mark may ask for: a function from its argument to Markdown and the files that it was made from.
MAKERS = {"schema": schema.reference, "commands": commands.reference, "notebook": notebook.page, "pages": pages.below}


def fill(app, docname, source):
    def made(mark):
        markdown, files = MAKERS[mark["what"]](PROJECT, mark["argument"])
        for file in files:
            app.env.note_dependency(str(file))
        return markdown

    source[0] = MARK.sub(made, source[0])


def publish_schemas(app, failure):
    """The schemas as files, under schema/, where editors may fetch them."""
    if failure is None and app.builder.format == "html":
        shutil.copytree(PROJECT / "docs/schema", pathlib.Path(app.outdir) / "schema", dirs_exist_ok=True)


def setup(app):
    app.connect("source-read", fill)
    app.connect("build-finished", publish_schemas)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
