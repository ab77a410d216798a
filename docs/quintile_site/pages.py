"""The pages of a folder, for the navigation beside its README."""


def below(project, _):
    """A hidden toctree of all pages in the README's folder. Plain readers see the README's own links."""
    return "```{toctree}\n:hidden:\n:glob:\n\n*\n```", []
