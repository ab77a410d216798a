"""One look for the notebooks: colours, figures, and sentences whose numbers are computed."""

import html
import io

import matplotlib
import matplotlib.pyplot as plt
from IPython.display import SVG, Markdown, display

# Okabe and Ito's palette, which readers with any colour vision tell apart; families are labelled as well.
FAMILY = {"core": "#009e73", "growing": "#0072b2", "slipping": "#d55e00", "dormant": "#7f7f8a"}
ACCENT, PALE, SECOND, QUIET, INK = "#4f46c8", "#cfcdf3", "#d55e00", "#b9b9c4", "#26262e"
SEQUENTIAL = matplotlib.colors.LinearSegmentedColormap.from_list("quintile", ["#f3f2fc", "#b3aeea", "#4f46c8", "#241f66"])
DIVERGING = matplotlib.colors.LinearSegmentedColormap.from_list("quintile_delta", ["#b34700", "#f7e6da", "#ffffff", "#d9e8f3", "#00527f"])


def use():
    """Sets the look of every figure that follows."""
    matplotlib.rcParams.update({
        "figure.facecolor": "white", "figure.dpi": 100, "figure.constrained_layout.use": True,
        "font.family": "DejaVu Sans", "font.size": 9.5, "text.color": INK, "axes.labelcolor": INK,
        "axes.titlesize": 10.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.titlepad": 9,
        "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "#8d8d98", "axes.linewidth": 0.8,
        "axes.grid": False, "axes.axisbelow": True, "grid.color": "#e6e6ec", "grid.linewidth": 0.8,
        "xtick.color": "#53535e", "ytick.color": "#53535e", "xtick.labelsize": 9, "ytick.labelsize": 9,
        "legend.frameon": False, "legend.fontsize": 9,
        "svg.hashsalt": "quintile", "svg.fonttype": "path",
    })


def legend_above(axes, title):
    """A title, and below it the legend in one line, where no point can lie under it."""
    entries = len(axes.get_legend_handles_labels()[0])
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=entries, borderpad=0, borderaxespad=0.4, handletextpad=0.4)
    axes.set_title(title, pad=26)


def ink_on(colour):
    """Black or white, whichever is read better on a colour: by WCAG's relative luminance."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour[:3])
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 else "white"


def show(figure, alt):
    """Shows a figure as SVG with a description for those who cannot see it. The same figure has the same bytes."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg"):].replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" ', 1)
    display(SVG(data=svg))


def say(text):
    """Shows Markdown; its numbers are put in by whoever calls."""
    display(Markdown(text))


def table(frame, **formats):
    """Shows a data frame as a Markdown table, each column by a function from value to text."""
    def cell(name, value):
        text = "" if value is None or value != value else formats.get(name, str)(value)
        return text.replace("|", "\\|")

    head = "| " + " | ".join(map(str, frame.columns)) + " |"
    numeric = frame.dtypes.map(lambda kind: kind.kind in "iuf")
    rule = "|" + "|".join(" ---: " if numeric.iloc[i] else " --- " for i in range(len(numeric))) + "|"
    rows = ["| " + " | ".join(cell(name, value) for name, value in zip(frame.columns, row)) + " |"
            for row in frame.itertuples(index=False)]
    say("\n".join([head, rule, *rows]))


def count(number):
    return f"{number:,.0f}"


def share(number, digits=1):
    return f"{number:.{digits}%}".replace("%", "\N{NO-BREAK SPACE}%")


def change(number, digits=0):
    """A relative difference with its sign."""
    number = round(number, digits + 2) + 0.0  # no minus before a zero
    return f"{number:+.{digits}%}".replace("%", "\N{NO-BREAK SPACE}%").replace("-", "\N{MINUS SIGN}")


def money(amount, currency=""):
    digits = 0 if abs(amount) >= 1000 else 2
    return f"{currency} {amount:,.{digits}f}".strip()
