"""A stored notebook as a page: its text, its code, and what it printed and drew when it was last run."""

import html
import json


def page(project, name):
    """Markdown for notebooks/<name>.ipynb, and that file."""
    file = project / f"notebooks/{name}.ipynb"
    parts = []
    for cell in json.loads(file.read_text())["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
        elif cell["cell_type"] == "code":
            if "hide-input" not in cell["metadata"].get("tags", []):
                parts.append(f"```python\n{source}\n```")
            parts += [shown for output in cell["outputs"] if (shown := show(output))]
    return "\n\n".join(parts), [file]


def show(output):
    """The richest form of an output that a page can hold."""
    data = {kind: value if isinstance(value, str) else "".join(value) for kind, value in output.get("data", {}).items()}
    if "image/svg+xml" in data:
        svg = data["image/svg+xml"]
        return raw(f'<div class="figure">{svg[svg.index("<svg"):]}</div>')
    if "image/png" in data:
        alt = html.escape(output["metadata"].get("image/png", {}).get("alt", ""))
        return raw(f'<div class="figure"><img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}"></div>')
    if "text/markdown" in data:
        return data["text/markdown"]
    if "text/html" in data:
        return raw(f'<div class="output">{data["text/html"]}</div>')
    text = "".join(output.get("text", "")) or data.get("text/plain", "")
    return f"```text\n{text.rstrip()}\n```" if text.strip() else ""


def raw(markup):
    return f"```{{raw}} html\n{markup}\n```"
