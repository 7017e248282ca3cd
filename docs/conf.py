"""How the documentation becomes a site: `scripts/docs` builds it with Sphinx.

The sources are the checkout itself, so that every link works in the repository as it does on the site.
"""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

HERE = Path(__file__).parent
STYLES = HERE.parent / "frontend" / "src" / "styles"
FONTS = HERE.parent / "frontend" / "node_modules" / "@fontsource"
# Written for practices and the organiser; everything else is English.
DUTCH = ("docs/index", "docs/runbooks/nl/", "docs/praktijk/", "docs/organisator/", "docs/schermen", "search", "index")
# What the theme calls what our style sheet has a word for.
THEME_COLOURS = {
    "color-brand-primary": "brand",
    "color-brand-content": "link",
    "color-brand-visited": "link",
    "color-foreground-primary": "ink",
    "color-foreground-secondary": "ink-soft",
    "color-foreground-muted": "ink-soft",
    "color-foreground-border": "line-strong",
    "color-background-primary": "surface",
    "color-background-secondary": "paper",
    "color-background-hover": "brand-tint",
    "color-background-border": "line",
    "color-background-item": "line",
    "color-inline-code-background": "sunken",
    "color-highlight-on-target": "yours-tint",
    "color-highlighted-background": "yours-tint",
    "color-highlighted-text": "ink",
}


def house_colours(scheme: str) -> dict[str, str]:
    """The variables of `theme.css` for `light` or `dark`, and the theme's own that lead to them."""
    start = '  .balie-theme[data-scheme="dark"] {' if scheme == "dark" else ".balie-theme {"
    block = (STYLES / "theme.css").read_text(encoding="utf-8").split(f"\n{start}\n")[1].split("}")[0]
    colours = dict(re.findall(r"--(balie-color-[\w-]+): (#\w+);", block))
    return colours | {name: f"var(--balie-color-{ours})" for name, ours in THEME_COLOURS.items()}


project = "Balie"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
exclude_patterns = [".*", "balie", "build", "frontend", "requirements", "scripts", "tests"]
language = "nl"
locale_dirs = ["docs/site/locale"]
nitpicky = True
suppress_warnings = ["myst.header"]  # a page may begin a list of questions one level lower
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "Balie"
html_theme_options = {
    "light_css_variables": house_colours("light"),
    "dark_css_variables": house_colours("dark"),
    "footer_icons": [],
}
html_static_path = [
    "site/site.css",
    "site/balie.svg",
    *map(
        str,
        [
            FONTS / "atkinson-hyperlegible-next" / "files" / "atkinson-hyperlegible-next-latin-400-normal.woff2",
            FONTS / "atkinson-hyperlegible-next" / "files" / "atkinson-hyperlegible-next-latin-700-normal.woff2",
            FONTS / "besley" / "files" / "besley-latin-700-normal.woff2",
        ],
    ),
]
html_css_files = ["site.css"]
html_favicon = "site/balie.svg"
html_logo = "site/balie.svg"
templates_path = ["site/templates"]
html_additional_pages = {"index": "to_start.html"}
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_use_index = False


WIDE_PICTURE = re.compile(r'<img [^>]*src="([^"]*)-wide\.webp"[^>]*/>')
BOTH = r'<picture><source media="(max-width: 40em)" srcset="\1-phone.webp">\g<0></picture>'


def bring_phone_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Beside each picture of a wide screen, the one of a telephone."""
    for image in doctree.findall(nodes.image):
        phone = image["uri"].replace("-wide.webp", "-phone.webp")
        if phone != image["uri"]:
            app.env.images.add_file(app.env.current_document.docname, phone)


def show_phone_pictures(_app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """To whoever reads on a telephone; the gallery has both anyway."""
    if pagename != "docs/schermen":
        context["body"] = WIDE_PICTURE.sub(BOTH, context.get("body", ""))


def help_screen_readers(_app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """The language of each page; the level of the menu's headings; and keys for whatever scrolls sideways."""
    context["language"] = "nl" if pagename.startswith(DUTCH) else "en"
    body = context.get("body", "").replace("<pre>", '<pre tabindex="0">')
    context["body"] = body.replace('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper')
    menu = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = menu.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", bring_phone_pictures)
    app.connect("html-page-context", show_phone_pictures)
    app.connect("html-page-context", help_screen_readers, priority=900)  # after the theme
