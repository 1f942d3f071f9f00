"""The parts pages are made of: what they say, that they escape, and that nothing needs inline code."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import timezone

from pages.templatetags.tensegrity import hue, initials, zone_name

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
SPRITE = Path(settings.BASE_DIR, "static", "icons.svg").read_text()


@dataclass
class Somebody:
    id: str = "7hq2k9xdmp"
    name: str = "Maya <Lindqvist>"

    @property
    def ref(self) -> str:
        return f"maya-{self.id}"


@dataclass
class SomeRole:
    id: str = "8hq2k9xdmp"
    shown_name: str = "Copywriter & Storyteller"

    @property
    def ref(self) -> str:
        return f"copywriter-{self.id}"


def render(template: str, **context: Any) -> str:
    """The template with our tags loaded, runs of white space told as one space."""
    html = Template("{% load tensegrity %}" + template).render(Context(context))
    return re.sub(r"\s+", " ", html).strip()


# ── People, roles, circles ──


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Maya Lindqvist", "ML"),
        ("Ana de la Cruz", "AC"),
        ("Cher", "C"),
        ("Jean-Luc Moreau", "JM"),
        ("  ", "?"),
        ("李 小龙", "李小"),
        ("(Ops) Bot", "B"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_hue_is_one_of_24_and_stays() -> None:
    hues = {hue(f"person{n}") for n in range(500)}
    assert hues == set(range(24))
    assert hue("7hq2k9xdmp") == hue("7hq2k9xdmp")


def test_avatar_escapes_and_is_silent() -> None:
    html = render('{% avatar person "s" %}', person=Somebody(name="<b> &x"))
    assert 'data-size="s"' in html
    assert 'aria-hidden="true"' in html
    assert "<b>" not in html
    assert "data-absent" in render('{% avatar person "" True %}', person=Somebody())


def test_person_is_named_and_escaped() -> None:
    html = render("{% person_link person link=False %}", person=Somebody())
    assert html.startswith('<span class="person">')
    assert "Maya &lt;Lindqvist&gt;" in html


def test_role_is_a_dot_dashed_when_unfilled_and_a_circle_a_ring() -> None:
    role = SomeRole()
    assert 'class="role-chip"' in render("{% role_chip role link=False %}", role=role)
    assert "Copywriter &amp; Storyteller" in render("{% role_chip role link=False %}", role=role)
    unfilled = render("{% role_chip role link=False unfilled=True %}", role=role)
    assert "data-unfilled" in unfilled
    assert "(unfilled)" in unfilled
    ring = render("{% role_chip role link=False circle=True %}", role=role)
    assert 'class="circle-chip"' in ring
    assert '<span class="focus">Product &lt;stories&gt;</span>' in render(
        "{% role_chip role focus=focus link=False %}", role=role, focus="Product <stories>"
    )


def test_icons_that_templates_use_exist() -> None:
    drawn = set(re.findall(r'id="i-([a-z]+)"', SPRITE))
    used = {name for path in TEMPLATES for name in re.findall(r'{% icon "([a-z]+)"', path.read_text())}
    assert used
    assert used <= drawn


def test_icon_tells_what_it_means_only_where_asked() -> None:
    assert 'aria-hidden="true"' in render('{% icon "check" %}')
    assert "visually-hidden" not in render('{% icon "check" %}')
    assert '<span class="visually-hidden">Done</span>' in render('{% icon "check" "Done" %}')


# ── Text of governance ──


def test_amended_marks_and_escapes() -> None:
    html = render("{% amended a b %}", a="Selling <b>all</b> gear", b="Selling <b>some</b> gear")
    assert html == "Selling &lt;b&gt;<del>all</del> <ins>some</ins>&lt;/b&gt; gear"


def test_amended_keeps_spaces_outside_the_marks() -> None:
    html = render("{% amended a b %}", a="Voice guide", b="Voice guide for all")
    assert html == "Voice guide <ins>for all</ins>"
    assert render("{% amended a b %}", a=None, b="New") == "<ins>New</ins>"
    assert render("{% amended a b %}", a="Old", b=None) == "<del>Old</del>"


LINES = [
    {"state": "amend", "before": "Keeping a table", "after": "Keeping one table"},
    {"state": "add", "before": "", "after": "Sending <samples>"},
    {"state": "remove", "before": "Approving texts", "after": ""},
    {"state": "same", "before": "2 more stay as they are", "after": "2 more stay as they are"},
]


def test_diff_shows_what_changed() -> None:
    fields = [
        {"label": "Purpose", "before": None, "after": "Words.", "lines": []},
        {"label": "Accountabilities", "before": None, "after": None, "lines": LINES},
    ]
    html = render("{% diff fields %}", fields=fields)
    assert "<dt>Purpose</dt>" in html
    assert "<ins>Words.</ins>" in html
    assert re.search(r'data-diff="amend"> <span>Keeping <del>a</del> <ins>one</ins> table</span>', html)
    assert re.search(r'data-diff="add"> <span>Sending &lt;samples&gt;</span>', html)
    assert re.search(r'data-diff="remove"> <span>Approving texts</span>', html)
    assert re.search(r'data-diff="same"> <span>2 more stay as they are</span>', html)


def test_rules_speak_with_their_clause() -> None:
    html = render('{% refusal clause="5.2" %}{{ words }}{% endrefusal %}', words="<not> here")
    assert 'class="refusal" role="alert"' in html
    assert "§5.2" in html
    assert "&lt;not&gt; here" in html
    assert 'class="clause"' not in render("{% notice %}Words{% endnotice %}")
    assert 'data-state="warn"' in render('{% notice state="warn" %}Words{% endnotice %}')
    assert 'class="guide"' in render('{% guide clause="5.4.5d" %}Words{% endguide %}')


# ── Time ──

MOMENT = dt.datetime(2026, 3, 12, 13, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("zone", "clock"),
    [
        ("Europe/Stockholm", "14:00 CET"),
        ("Asia/Tokyo", "22:00 JST"),
        ("America/Sao_Paulo", "10:00 UTC−3"),
        ("Asia/Kathmandu", "18:45 UTC+5:45"),
        ("UTC", "13:00 UTC"),
    ],
)
def test_time_is_told_in_the_readers_zone_and_names_it(zone: str, clock: str) -> None:
    with timezone.override(ZoneInfo(zone)):
        assert f">12 March 2026, {clock}</time>" in render("{% local_time moment %}", moment=MOMENT)
        assert f">{clock}</time>" in render('{% local_time moment "time" %}', moment=MOMENT)


def test_zone_names_follow_the_season() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert zone_name(dt.datetime(2026, 1, 1, tzinfo=berlin)) == "CET"
    assert zone_name(dt.datetime(2026, 7, 1, tzinfo=berlin)) == "CEST"


def test_near_days_are_told_as_people_say_them() -> None:
    today = timezone.localdate()
    day = dt.timedelta(days=1)
    assert ">today</time>" in render('{% local_time d "day" %}', d=today)
    assert ">tomorrow</time>" in render('{% local_time d "day" %}', d=today + day)
    assert ">yesterday</time>" in render('{% local_time d "day" %}', d=today - day)
    assert f">{today + 3 * day:%A}</time>" in render('{% local_time d "day" %}', d=today + 3 * day)
    long_ago = today.replace(day=1, year=today.year - 2)
    assert str(long_ago.year) in render('{% local_time d "day" %}', d=long_ago)
    assert ">Today</time>" in render('{% local_time d "day" capital=True %}', d=today)


def test_no_time_is_no_text() -> None:
    assert render("{% local_time moment %}", moment=None) == ""


def test_time_left_turns_from_soon_to_late() -> None:
    now = timezone.now()
    hour = dt.timedelta(hours=1)
    assert "data-state" not in render("{% time_left until %}", until=now + 72 * hour)
    assert 'data-state="soon"' in render("{% time_left until %}", until=now + hour)
    late = render("{% time_left until started %}", until=now - hour, started=now - 2 * hour)
    assert 'data-state="late"' in late
    assert 'width="100"' in late


# ── State, lists, where one is ──


def test_pill_says_its_state_in_a_word_and_a_glyph() -> None:
    html = render('{% pill "adopted" %}')
    assert 'data-state="adopted"' in html
    assert "#i-check" in html
    assert html.endswith("Adopted</span>")
    assert "Round &lt;2&gt;" in render('{% pill "proposed" label %}', label="Round <2>")


def test_stepper_knows_what_is_done() -> None:
    steps = [("ask", "Questions"), ("react", "Reactions"), ("object", "Objections")]
    html = render('{% stepper steps "react" across=True %}', steps=steps)
    assert html.count('data-state="done"') == 1
    assert html.count('aria-current="step"') == 1
    assert html.index("Questions") < html.index("aria-current") < html.index("Reactions")
    assert "data-state" not in render('{% stepper steps "unknown" %}', steps=steps)


def test_tabs_mark_the_page_one_is_on() -> None:
    items = [
        {"label": "Overview", "url": "/a/", "current": True},
        {"label": "Roles", "url": "/b/", "count": 0},
    ]
    html = render('{% tabs items "Storefront" %}', items=items)
    assert '<a href="/a/" aria-current="page">Overview</a>' in html
    assert '<span class="count">0</span>' in html


def test_heads_crumbs_and_empty_states() -> None:
    head = render('{% section_head "h-x" title 3 %}<a href="/x/">All</a>{% endsection_head %}', title="R & D")
    assert '<h2 id="h-x">R &amp; D</h2><span class="count">3</span><a href="/x/">All</a>' in head
    assert render('{% crumb name "/x/" %}', name="A<") == '<li><a href="/x/">A&lt;</a></li>'
    assert 'aria-current="page"' in render('{% crumb "Here" %}')
    empty = render(
        '{% for x in nothing %}{% empty %}{% empty_state "None yet." %}Do{% endempty_state %}{% endfor %}'
    )
    assert empty == '<div class="empty"><strong>None yet.</strong> Do</div>'


# ── Asking ──


class RoleForm(forms.Form):
    name = forms.CharField(max_length=10, help_text="What people call it.")
    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=[("limit", "Constraint"), ("grant", "Grant")])
    inside = forms.BooleanField(required=False, label="Applies in sub-circles")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        if self.data.get("refuse"):
            self.add_error("name", ValidationError("A role needs a purpose or a <domain>.", code="1.1"))
            self.add_error(None, ValidationError("You are no member of this circle.", code="5.3"))
        return self.cleaned_data


def test_field_is_labelled_and_described() -> None:
    html = render('{% field form.name clause="1.1" %}', form=RoleForm())
    assert '<label for="id_name">Name</label>' in html
    assert 'aria-describedby="id_name_hint"' in html
    assert 'id="id_name_hint">What people call it.' in html
    assert "aria-invalid" not in html


def test_refused_field_keeps_its_text_and_names_the_clause() -> None:
    form = RoleForm({"name": "Skerry", "kind": "grant", "refuse": "yes"})
    assert not form.is_valid()
    html = render("{% field form.name %}", form=form)
    assert 'value="Skerry"' in html
    assert html.count('aria-invalid="true"') == 1
    assert 'aria-describedby="id_name_hint id_name_refused"' in html
    assert '<div id="id_name_refused">' in html
    assert "§1.1" in html
    assert "a &lt;domain&gt;." in html


def test_errors_are_listed_with_a_way_to_their_field() -> None:
    form = RoleForm({"name": "Skerry", "refuse": "yes"})
    form.is_valid()
    html = render("{% form_errors form %}", form=form)
    assert "3 things stand in the way" in html
    assert '<a href="#id_name">Name</a>: A role needs' in html
    assert '<a href="#id_kind">Kind</a>: This field is required.' in html
    assert "§5.3" in html
    assert render("{% form_errors form %}", form=RoleForm()) == ""


def test_codes_that_are_no_clauses_are_not_shown_as_such() -> None:
    form = RoleForm({"name": "far too long for this", "kind": "grant"})
    form.is_valid()
    assert "§" not in render("{% field form.name %}", form=form)


def test_choices_are_a_group_that_an_error_can_link_to() -> None:
    html = render("{% field form.kind %}", form=RoleForm({"kind": "grant"}))
    assert '<fieldset class="field" id="id_kind"' in html
    assert "<legend>Kind</legend>" in html
    assert html.count('class="choice"') == 2
    assert re.search(r'value="grant"[^>]*checked', html)


def test_single_box_and_hidden_field() -> None:
    assert '<label class="task"><input type="checkbox"' in render("{% field form.inside %}", form=RoleForm())
    assert "label" not in render("{% field form.secret %}", form=RoleForm())


def test_lines_send_ids_and_texts_in_step() -> None:
    items = [
        {"id": "b2", "text": "Keeping one table", "before": "Keeping a table"},
        {"id": "c3", "text": "", "before": "Collecting <feedback>"},
        {"id": "", "text": "Writing", "before": ""},
        {"id": "d4", "text": "As it was", "before": "As it was"},
    ]
    html = render('{% lines "acc" items "Accountabilities" "Accountability" blanks=2 %}', items=items)
    page, _templates = html.split("<template", 1)
    assert re.findall(r'name="acc-id" value="(\w*)"', page) == ["b2", "c3", "", "d4", "", ""]
    assert page.count('name="acc-text"') == 6
    assert re.findall(r'data-diff="(\w+)"', page) == ["amend", "remove", "add"]
    assert "<del>Collecting &lt;feedback&gt;</del>" in page


# ── The house rules of templates ──


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_templates_need_no_inline_code(path: Path) -> None:
    """The content security policy forbids it; a browser would drop it without a word."""
    text = path.read_text()
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+\s*=|javascript:|hx-on", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag
