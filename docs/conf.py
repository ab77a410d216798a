"""The documentation site. `make docs` builds it from this folder into build/docs; it needs no network.

Pages are Markdown that also reads well as plain files. Where a page shows what the code itself says, it holds a mark
`<!-- generated: ... -->`, which docs/quintile_site/generated.py fills while the page is read.
"""

import pathlib
import re
import sys

DOCS = pathlib.Path(__file__).resolve().parent
PROJECT = DOCS.parent
sys.path[:0] = [str(DOCS), str(PROJECT / "python/src")]

project = "Quintile"
author = "the Quintile authors"
project_copyright = author
release = re.search(r"project\(quintile VERSION ([0-9.]+)", (PROJECT / "CMakeLists.txt").read_text())[1]
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton", "sphinx_design", "quintile_site.generated", "quintile_site.mathml"]
exclude_patterns = ["quintile_site"]
root_doc = "index"
language = "en"
nitpicky = True
nitpick_ignore_regex = [("py:.*", ".*")]  # types are read in signatures; they need not be pages
highlight_language = "none"
pygments_style = "friendly"
pygments_dark_style = "github-dark"
smartquotes = False

myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a page for plain readers may go from "#" to "###"

# The package's docstrings are those of its Python sources; the engine below them is not needed to read them.
autodoc_mock_imports = ["quintile._native"]
autodoc_typehints = "none"
autodoc_class_signature = "separated"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
add_module_names = False

html_theme = "furo"
html_math_renderer = "mathml"
html_title = f"Quintile {release}"
html_static_path = ["quintile_site/static"]
html_css_files = ["quintile.css"]
html_favicon = "quintile_site/static/favicon.svg"
html_show_sphinx = False
html_copy_source = False
html_last_updated_fmt = None
html_theme_options = {
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#4f46c8", "color-brand-content": "#4f46c8", "color-brand-visited": "#4f46c8",
        "color-background-secondary": "#fafafb", "color-foreground-primary": "#16161b",
        "color-api-name": "#4f46c8", "color-api-pre-name": "#6a6a75",
    },
    "dark_css_variables": {
        "color-brand-primary": "#a49df8", "color-brand-content": "#a49df8", "color-brand-visited": "#a49df8",
        "color-background-primary": "#131317", "color-background-secondary": "#17171c",
        "color-api-name": "#a49df8", "color-api-pre-name": "#8e8e99",
    },
}
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
