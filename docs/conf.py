"""How Sphinx builds these pages: ``scripts/docs``."""

from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from importlib import metadata

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.highlighting import lexers

lexers["mermaid"] = (
    TextLexer()
)  # drawn where the sources are read; here it is text, for a page loads nothing from elsewhere

project = "thechip"
author = "The thechip authors"
copyright = "the thechip authors, Apache-2.0"
release = metadata.version("thechip")
version = ".".join(release.split(".")[:2])

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "changes", "examples"]
nitpicky = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "undoc-members": True}
python_maximum_signature_line_length = 88
made_by_decode = ("verifier.sdk.lds.", "verifier.sdk.trust.")
made_by_others = {"TrustStore", "Voucher", "PcscCard", "VpcdCard"}


def show_indented_text_as_code(*event):
    """Docstrings indent what is code, without the two colons that reStructuredText wants before it."""
    lines = event[-1]
    text, previous = list(lines), ""
    lines.clear()
    for number, line in enumerate(text):
        begins = line.startswith("    ") and number > 0 and not text[number - 1]
        if begins and not previous.startswith(" ") and not previous.endswith("::"):
            lines += ["::", ""]
        lines.append(line)
        previous = line or previous


def shorten_signatures(_app, what, name, obj, _options, signature, returned):
    """Say how an object is made, if anybody makes it; the types of its fields stand below it."""
    if what != "class":
        return signature and signature.replace("_DEFAULT_OPTIONS", "ReadingOptions()"), returned
    if issubclass(obj, Enum) or getattr(obj, "_is_protocol", False):
        return "", None
    if obj.__name__ in made_by_others or (name.startswith(made_by_decode) and hasattr(obj, "decode")):
        return "", None
    if is_dataclass(obj):
        return f"({', '.join(parameter(one) for one in fields(obj) if one.init)})", None
    return None


def parameter(one):
    if one.default is MISSING and one.default_factory is MISSING:
        return one.name
    shown = repr(one.default)
    return f"{one.name}={shown if isinstance(one.default, bool | int | None) or shown in {'()', repr('')} else '...'}"


def end_examples_with_their_last_line(_app, doctree):
    """A doctest needs an empty line before the fence that closes it, and a reader does not."""
    for example in doctree.findall(nodes.literal_block):
        example.rawsource = example.astext().rstrip()
        example.children = []
        example.append(nodes.Text(example.rawsource))


def setup(app):
    app.connect("doctree-read", end_examples_with_their_last_line)
    app.connect("autodoc-process-docstring", show_indented_text_as_code)
    app.connect("autodoc-process-signature", shorten_signatures)


html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["thechip.css"]
html_js_files = ["copy.js"]
html_title = f"thechip {release}"
html_show_sphinx = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#8a1c1c", "color-brand-content": "#8a1c1c"},
    "dark_css_variables": {"color-brand-primary": "#f0a8a0", "color-brand-content": "#f0a8a0"},
}
