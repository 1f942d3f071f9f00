"""The parts pages are made of. A person is a disc with initials, a role a solid dot, a circle a ring.

Small parts are built here, because a page shows hundreds of them; larger ones are in templates/components.
"""

from __future__ import annotations

import datetime as dt
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypedDict

from django import template
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from pages.markdown import render as render_markdown
from pages.worddiff import word_diff

register = template.Library()

HUES = 24
CLAUSE = re.compile(r"\d+(\.\d+)*[a-z]?")


class SomePerson(Protocol):
    """What a person's disc and name need."""

    id: str
    name: str

    @property
    def ref(self) -> str: ...


class SomeRole(Protocol):
    """What a role's or a circle's chip needs; `ref`, where it has one, makes a more readable address."""

    id: str

    @property
    def shown_name(self) -> str: ...


def _organization(context: Context) -> str:
    """The slug of the organization the page is about, or an empty text outside organizations."""
    request = context.get("request")
    organization = getattr(request, "organization", None) or context.get("organization")
    return getattr(organization, "slug", "")


def _address(name: str, *args: str) -> str:
    """The address of a page, or an empty text where there is none: a name is then shown without a link."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# ── Glyphs ────────────────────────────────────────────────────────────────────────────────────────────────


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of static/icons.svg. Decoration, unless `label` says what it means."""
    return format_html(
        '<svg class="icon-svg" aria-hidden="true"><use href="{}#i-{}"/></svg>{}',
        static("icons.svg"),
        name,
        format_html('<span class="visually-hidden">{}</span>', label) if label else "",
    )


def initials(name: str) -> str:
    """At most two letters that stand for a person's name: of its first and its last word."""
    words = [word for word in re.split(r"[\s\-]+", name) if word[:1].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue(identifier: str) -> int:
    """One of 24 hues, always the same one for the same identifier."""
    return zlib.crc32(identifier.encode()) % HUES


@register.simple_tag
def avatar(person: SomePerson, size: str = "", absent: bool = False) -> SafeString:
    """The disc of a person. `size` is "s", "l" or empty; `absent` shows it hollow."""
    return format_html(
        '<span class="avatar"{}{} data-hue="{}" aria-hidden="true">{}</span>',
        format_html(' data-size="{}"', size) if size else "",
        mark_safe(" data-absent") if absent else "",
        hue(person.id),
        initials(person.name),
    )


@register.simple_tag(takes_context=True)
def person_link(context: Context, person: SomePerson, size: str = "s", link: bool = True) -> SafeString:
    """A person: disc and name, linked to their page."""
    url = _address("pages:person", _organization(context), person.ref) if link else ""
    content = format_html("{} {}", avatar(person, size), person.name)
    if url:
        return format_html('<a class="person" href="{}">{}</a>', url, content)
    return format_html('<span class="person">{}</span>', content)


@register.simple_tag(takes_context=True)
def role_chip(
    context: Context,
    role: SomeRole,
    focus: str = "",
    circle: bool | None = None,
    unfilled: bool | None = None,
    link: bool = True,
    current: bool = False,
) -> SafeString:
    """A role's dot and name, linked to its page; a ring where it is shown as a circle.

    `circle` and `unfilled` default to the role's own `is_circle` and `is_unfilled`, where a query set them.
    """
    if circle is None:
        circle = bool(getattr(role, "is_circle", False))
    if unfilled is None:
        unfilled = bool(getattr(role, "is_unfilled", False))
    url = _address("circles:role", _organization(context), getattr(role, "ref", role.id)) if link else ""
    attributes = format_html(
        'class="{}"{}{}',
        "circle-chip" if circle else "role-chip",
        mark_safe(" data-unfilled") if unfilled and not circle else "",
        mark_safe(' aria-current="page"') if current else "",
    )
    content = format_html(
        "<span>{}{}{}</span>",
        role.shown_name,
        format_html(' <span class="focus">{}</span>', focus) if focus else "",
        format_html('<span class="visually-hidden"> {}</span>', _("(unfilled)")) if unfilled else "",
    )
    if url:
        return format_html('<a href="{}" {}>{}</a>', url, attributes, content)
    return format_html("<span {}>{}</span>", attributes, content)


@register.inclusion_tag("components/emblem.html")
def emblem(size: str = "") -> dict[str, str]:
    """The drawing that heads a circle's page. `size` is "s" or empty."""
    return {"size": size}


# ── Text of governance ────────────────────────────────────────────────────────────────────────────────────


@register.filter
def markdown(text: str) -> SafeString:
    """A text that somebody wrote in Markdown, as safe HTML."""
    return render_markdown(text)


@register.filter
def dense(text: str) -> str:
    """A text without its empty lines, for lists that show how it begins."""
    return "\n".join(line for line in text.splitlines() if line.strip())


# A text longer than this is folded after its beginning where it would push away what is around it
LONG_LINES, LONG_CHARACTERS = 8, 600


@register.inclusion_tag("components/folded.html")
def folded(text: str) -> dict[str, str]:
    """A text that somebody wrote, folded after some lines if it is very long: `{% folded objection.concern %}`."""
    beginning = "\n".join(text.splitlines()[:LONG_LINES])[:LONG_CHARACTERS]
    is_long = len(beginning) < len(text.rstrip())
    return {"text": text, "beginning": beginning.rstrip() if is_long else ""}


@register.simple_tag
def clause(number: str) -> SafeString:
    """The number of a clause, linked to it: `{% clause "5.3.1" %}`."""
    url = _address("pages:clause", str(number))
    if not url:
        return format_html('<span class="clause">§{}</span>', number)
    title = _("Read §%(clause)s of the Constitution") % {"clause": number}
    return format_html('<a class="clause" href="{}" title="{}">§{}</a>', url, title, number)


_clause = clause  # the tags below have an argument of that name


def _saying(
    kind: str, content: str, number: str, *, state: str = "", alert: bool = False, anchor: str = ""
) -> SafeString:
    return format_html(
        '<div class="{}"{}{}{}>{}<div>{}</div></div>',
        kind,
        format_html(' data-state="{}"', state) if state else "",
        mark_safe(' role="alert"') if alert else "",
        format_html(' id="{}"', anchor) if anchor else "",
        _clause(number) if number else "",
        mark_safe(content.strip()),  # noqa: S308 - rendered by the template engine, which has escaped it
    )


@register.simple_block_tag
def refusal(content: str, clause: str = "", alert: bool = True, anchor: str = "") -> SafeString:
    """`{% refusal clause="5.2" %}…{% endrefusal %}`: a rule has refused something."""
    return _saying("refusal", content, clause, alert=alert, anchor=anchor)


@register.simple_block_tag
def notice(content: str, clause: str = "", state: str = "", anchor: str = "") -> SafeString:
    """`{% notice clause="5.3" state="warn" %}…{% endnotice %}`: worth knowing; state is "" or "warn"."""
    return _saying("notice", content, clause, state=state, anchor=anchor)


@register.simple_block_tag
def guide(content: str, clause: str = "") -> SafeString:
    """`{% guide clause="5.4.5d" %}…{% endguide %}`: what only people can judge."""
    return _saying("guide", content, clause)


class DiffLine(TypedDict):
    """A line of a list in a diff. `state` is "add", "remove", "amend" or "same"."""

    state: str
    before: str
    after: str


class DiffField(TypedDict):
    """A field of a diff: either two texts (None: there is none), or lines."""

    label: str
    before: str | None
    after: str | None
    lines: Sequence[DiffLine]


@register.simple_tag
def amended(before: str | None, after: str | None) -> SafeString:
    """What became of a text, word by word, with <ins> and <del>. None or empty: there is no text."""
    parts: list[str] = []
    for operation, text in word_diff(before or "", after or ""):
        if operation == "same":
            parts.append(format_html("{}", text))
        else:
            if parts and parts[-1].endswith("</del>") and not text[:1].isspace():
                parts.append(" ")  # the old words and the new ones do not touch
            # Spaces at the edges stay outside, so that no coloured blanks hang over.
            core = text.strip()
            start = text[: len(text) - len(text.lstrip())]
            end = text[len(text.rstrip()) :] if core else ""
            tag = "ins" if operation == "add" else "del"
            marked = format_html("<{0}>{1}</{0}>", tag, core) if core else ""
            parts.append(format_html("{}{}{}", start, marked, end))
    return mark_safe("".join(parts))  # noqa: S308 - every part was escaped above


@register.inclusion_tag("components/diff.html")
def diff(fields: Iterable[DiffField]) -> dict[str, Any]:
    """Fields as they were and as they become: governance.diffs makes them."""
    return {"fields": fields}


# ── Time ──────────────────────────────────────────────────────────────────────────────────────────────────


def zone_name(moment: dt.datetime) -> str:
    """The name people know a zone by, such as "CET"; zones without one are told by their offset, "UTC+3"."""
    name = moment.tzname() or ""
    if name[:1] in "+-":
        sign, hours, minutes = name[0], name[1:3], name[3:5]
        shown = "−" if sign == "-" else "+"
        return f"UTC{shown}{int(hours)}{':' + minutes if minutes.strip('0') else ''}"
    return name


@register.simple_tag
def zone() -> str:
    """The reader's zone, by name, as of now."""
    return zone_name(timezone.localtime())


def _near_day(day: dt.date, today: dt.date) -> str:
    """A day as people say it: today, a weekday within a week, else the date."""
    away = (day - today).days
    if away == 0:
        return _("today")
    if away == 1:
        return _("tomorrow")
    if away == -1:
        return _("yesterday")
    if 1 < away < 7:
        return date_format(day, "l")
    if day.year == today.year:
        return date_format(day, pgettext("a day of this year, as a date format", "j F"))
    return date_format(day, pgettext("a day, as a date format", "j F Y"))


@register.simple_tag
def local_time(
    value: dt.datetime | dt.date | None, form: str = "full", capital: bool = False
) -> SafeString | str:
    """A moment in the reader's zone, with the zone named.

    `form`: "full" (12 March 2026, 14:00 CET), "near" (today, 14:00 CET), "date" (12 March 2026), "day"
    (today) or "time" (14:00 CET). A date without a time is shown as it is, in no zone. None gives an empty
    text. `capital`: it begins a sentence.
    """
    if value is None:
        return ""
    today = timezone.localdate()
    day_format = pgettext("a day, as a date format", "j F Y")
    if isinstance(value, dt.datetime):
        moment = timezone.localtime(value)
        stamp = moment.isoformat(timespec="seconds")
        clock = f"{moment:%H:%M} {zone_name(moment)}"
        date, near_day = date_format(moment, day_format), _near_day(moment.date(), today)
        full = f"{date}, {clock}"
        forms = {
            "full": full,
            "near": f"{near_day}, {clock}",
            "date": date,
            "day": near_day,
            "time": clock,
        }
    else:
        stamp = value.isoformat()
        full, near_day = date_format(value, day_format), _near_day(value, today)
        forms = {"full": full, "near": near_day, "date": full, "day": near_day}
    shown = forms[form]
    return format_html(
        '<time datetime="{}"{}>{}</time>',
        stamp,
        format_html(' title="{}"', full) if shown != full else "",
        capfirst(shown) if capital else shown,
    )


@register.simple_tag
def time_left(until: dt.datetime, started: dt.datetime | None = None) -> SafeString:
    """How long something may still take: a word, and a bar that has filled up since `started`."""
    now = timezone.now()
    state = "late" if until <= now else "soon" if until - now < dt.timedelta(hours=24) else ""
    bar: str | SafeString = ""
    if started is not None and until > started:
        percent = min(100, max(0, round(100 * (now - started) / (until - started))))
        bar = format_html(
            '<svg class="track" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
            '<rect width="{}" height="4"/></svg>',
            percent,
        )
    return format_html(
        '<span class="left"{}><span>{}</span>{}</span>',
        format_html(' data-state="{}"', state) if state else "",
        local_time(until, "near", capital=True),
        bar,
    )


# ── State, lists, where one is ────────────────────────────────────────────────────────────────────────────

# state: the icon, the word, the colour (a state attribute; empty: neutral)
PILLS = {
    "draft": ("draft", gettext_lazy("Draft"), ""),
    "proposed": ("ring", gettext_lazy("Proposed"), "proposed"),
    "integration": ("objection", gettext_lazy("In integration"), "objection"),
    "objection": ("objection", gettext_lazy("Objection"), "objection"),
    "adopted": ("check", gettext_lazy("Adopted"), "adopted"),
    "withdrawn": ("minus", gettext_lazy("Withdrawn"), ""),
    "discarded": ("slash", gettext_lazy("Discarded"), ""),
    "dropped": ("slash", gettext_lazy("Dropped"), ""),
    "conflict": ("conflict", gettext_lazy("In conflict"), "conflict"),
    "waiting": ("clock", gettext_lazy("Waiting"), "waiting"),
    "soon": ("clock", gettext_lazy("Due soon"), "soon"),
    "late": ("clock", gettext_lazy("Overdue"), "late"),
    "live": ("meet", gettext_lazy("Under way"), "live"),
    "done": ("check", gettext_lazy("Done"), "done"),
    "ended": ("minus", gettext_lazy("Ended"), ""),
}


_icon = icon  # the tag below has an argument of that name


@register.simple_tag
def pill(state: str = "", label: str = "", icon: str = "") -> SafeString:
    """A state as colour, glyph and word. Known states bring glyph and word with them: see PILLS."""
    glyph, word, colour = PILLS.get(state, ("", "", ""))
    glyph = icon or glyph
    return format_html(
        '<span class="pill"{}>{}{}</span>',
        format_html(' data-state="{}"', colour) if colour else "",
        _icon(glyph) if glyph else "",
        label or word,
    )


@register.simple_block_tag
def empty_state(content: str, title: str = "") -> SafeString:
    """`{% empty_state "No policies yet." %}What to do next.{% endempty_state %}` where a list has nothing."""
    return format_html(
        '<div class="empty">{}{}</div>',
        format_html("<strong>{}</strong> ", title) if title else "",
        mark_safe(content.strip()),  # noqa: S308 - rendered by the template engine, which has escaped it
    )


@register.simple_block_tag
def section_head(content: str, anchor: str, title: str, count: int | str | None = None) -> SafeString:
    """The head of a section: `{% section_head "h-roles" title count %}links{% endsection_head %}`."""
    return format_html(
        '<div class="section-head"><h2 id="{}">{}</h2>{}{}</div>',
        anchor,
        title,
        "" if count is None else format_html('<span class="count">{}</span>', count),
        mark_safe(content.strip()),  # noqa: S308 - rendered by the template engine, which has escaped it
    )


@register.simple_tag
def crumb(label: str, url: str = "") -> SafeString:
    """A step of the way to this page; without an address, the page itself."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, label)
    return format_html('<li aria-current="page"><span>{}</span></li>', label)


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], label: str) -> dict[str, Any]:
    """Pages of one thing, which `label` names. Items: {"label", "url", "current", "count": int or None}."""
    return {"items": items, "label": label}


@register.inclusion_tag("components/stepper.html")
def stepper(
    steps: Iterable[tuple[str, Any]], current: str, across: bool = False, label: str = ""
) -> dict[str, Any]:
    """Where a process is. Steps: (key, words) in order; those before `current` are done."""
    steps = list(steps)
    keys = [key for key, _words in steps]
    at = keys.index(current) if current in keys else -1
    return {
        "steps": [
            {"words": words, "done": number < at, "current": number == at}
            for number, (_key, words) in enumerate(steps)
        ],
        "across": across,
        "label": label,
    }


# ── Asking ────────────────────────────────────────────────────────────────────────────────────────────────


class FieldError(TypedDict):
    """Why an input was refused, and the clause that refuses it (may be empty)."""

    message: str
    clause: str


def _refusals(errors: Iterable[ValidationError]) -> list[FieldError]:
    """The errors of a field or a form; an error whose code is a clause's number names that clause."""
    return [
        {
            "message": str(message),
            "clause": error.code if isinstance(error.code, str) and CLAUSE.fullmatch(error.code) else "",
        }
        for error in errors
        for message in error.messages
    ]


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, clause: str = "", hint: str | None = None, label: str = "", hide_label: bool = False
) -> dict[str, Any]:
    """A field of a form: label, control, hint, and what refuses it.

    `clause` stands behind the hint; `hint` (even empty) and `label` replace the form's own; `hide_label`
    keeps the label for those who hear the page.
    """
    errors = _refusals(bound.errors.as_data()) if bound.errors else []
    hint = str(bound.help_text) if hint is None else hint
    described = " ".join(
        [f"{bound.auto_id}_hint"] * bool(hint or clause) + [f"{bound.auto_id}_refused"] * bool(errors)
    )
    attributes: dict[str, Any] = {}
    if described:
        attributes["aria-describedby"] = described
    if errors:
        attributes["aria-invalid"] = "true"
    kind = getattr(bound.field.widget, "input_type", "")
    grouped = bool(bound.field.widget.use_fieldset)
    return {
        "bound": bound,
        "control": "" if grouped and kind in ("radio", "checkbox") else bound.as_widget(attrs=attributes),
        "choices": list(bound) if grouped and kind in ("radio", "checkbox") else [],
        "grouped": grouped,
        "single": kind == "checkbox" and not grouped,
        "hidden": bound.is_hidden,
        "label": label or bound.label,
        "hide_label": hide_label,
        "hint": hint,
        "clause": clause,
        "errors": errors,
        "described": described,
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(*forms: BaseForm) -> dict[str, Any]:
    """Everything that stands in the way of sending these forms, each with a link to its field."""
    found: list[dict[str, Any]] = []
    for form in forms:
        if not form.is_bound:
            continue
        for name, errors in form.errors.as_data().items():
            bound = form[name] if name in form.fields else None
            anchor = bound.auto_id if bound is not None and not bound.is_hidden else ""
            label = str(bound.label) if bound is not None else ""
            found += [{**error, "anchor": anchor, "label": label} for error in _refusals(errors)]
    return {"found": found}


class Line(TypedDict):
    """A line being edited: its id (empty: new), its text now, and its text in force (empty: none)."""

    id: str
    text: str
    before: str


@register.inclusion_tag("components/lines.html")
def lines(
    name: str,
    items: Iterable[Line],
    legend: str,
    singular: str,
    hint: str = "",
    clause: str = "",
    blanks: int = 3,
    max_length: int | None = None,
    errors: Iterable[ValidationError] = (),
    grants: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Short texts edited one by one, such as accountabilities.

    Sends `name`-id and `name`-text as often as there are lines, in order; an empty text with an id removes
    that line, a text without an id adds one. Plain text areas, with some blank ones, without JavaScript.
    With `grants` each line also has a list to choose from, sent as `name`-within: how a domain is granted.
    """
    shown: list[dict[str, Any]] = []
    for item in items:
        state = "" if item["text"] == item["before"] else "amend"
        if not item["before"]:
            state = "add"
        elif not item["text"]:
            state = "remove"
        shown.append({**item, "diff": state})
    shown += [{"id": "", "text": "", "before": "", "diff": "", "within": ""} for _blank in range(blanks)]
    return {
        "name": name,
        "items": shown,
        "legend": legend,
        "singular": singular,
        "hint": hint,
        "clause": clause,
        "max_length": max_length,
        "errors": _refusals(errors),
        "grants": grants,
    }
