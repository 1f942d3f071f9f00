"""Texts that people write in Markdown, as safe HTML: what they typed as HTML is shown, never obeyed."""

from __future__ import annotations

from functools import cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h3", "h4", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


@cache
def _parser(breaks: bool) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": breaks}).enable(["table", "strikethrough"])


def render(text: str, *, breaks: bool = True) -> SafeString:
    """Return ``text`` as HTML: paragraphs, lists, tables, emphasis, links. Headings begin at the third level, and
    pictures are left out, so that a text cannot take a page over or call home. ``breaks`` keeps line ends: people
    mean them, files are folded."""
    parser = _parser(breaks)
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3" if token.tag in ("h1", "h2", "h3") else "h4"
    html = parser.renderer.render(tokens, parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        set_tag_attribute_values={"pre": {"tabindex": "0"}},  # it scrolls, with the keyboard as well
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308 - cleaned by nh3
