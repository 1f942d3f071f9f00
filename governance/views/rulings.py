"""Questions to secretaries, their rulings, and strikes (§4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from circles.access import get_role
from circles.constitution import ORDINARY, SECRETARY
from circles.models import Role
from circles.queries import circles_of, people_named
from circles.structure import AccountabilityRow, DomainRow, RoleRow, Structure
from governance import authority as by
from governance import queries
from governance.actions import rulings as actions
from governance.authority import Authority
from governance.clauses import CLAUSES
from governance.consequences import consequences
from governance.diffs import describe
from governance.enactment import preview
from governance.facilitation import acting
from governance.models import Ruling
from governance.names import NameBook
from governance.record import dump_rows
from governance.rules import rulings as rules
from governance.rulings import get_ruling, secretaries, visible_rulings
from governance.strikes import Strike, Thing, circles_above, since_then, striking, thing
from people.access import OrganizationRequest, get_person, in_organization
from people.models import Person
from people.refusals import Refused, RuleBroken

PER_PAGE = 25
State = Ruling.State
Kind = Ruling.Kind
About = Ruling.About

# The state of a ruling as its pill shows it
PILLS = {
    State.ASKED: "waiting",
    State.RULED: "adopted",
    State.STRUCK: "conflict",
    State.OVERRULED: "ended",
    State.LAPSED: "ended",
    State.WITHDRAWN: "withdrawn",
}


def is_clause(number: str) -> bool:
    """Tell whether there is a clause of this number, with or without its letter."""
    return any(c.number == number or c.id == number or c.number.startswith(f"{number}.") for c in CLAUSES)


def _clause_of(refused: Refused | None) -> str:
    return refused.clause if isinstance(refused, RuleBroken) else ""


# -- the list -----------------------------------------------------------------------------------------------------


@require_safe
@in_organization
def rulings(request: OrganizationRequest) -> HttpResponseBase:
    """What secretaries were asked and ruled, as far as the reader may see it; of one circle where asked for."""
    circle: Role | None = None
    found = visible_rulings(request.person)
    if request.GET.get("circle"):
        circle = get_role(request.person, request.GET["circle"])
        found = found.filter(circle=circle)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rulings": with_pills(page),
        "circle": circle,
        "circles": circles_of(request.organization),
    }
    return render(request, "governance/rulings.html", context)


def with_pills(found: Any) -> list[dict[str, Any]]:
    """Rulings as rows show them."""
    return [{"ruling": ruling, "pill": PILLS[State(ruling.state)]} for ruling in found]


# -- asking -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def ask(request: OrganizationRequest) -> HttpResponseBase:
    """Ask the secretary of a ``circle`` to rule: how to read something, or whether it is valid (``kind``).

    ``about`` says what it is about, as ``role:ID``, ``policy:ID``, ``accountability:ID``, ``domain:ID``,
    ``decision:NUMBER`` or ``clause:NUMBER``.
    """
    person, organization = request.person, request.organization
    sent = request.POST if request.method == "POST" else request.GET
    structure = Structure.of(organization.pk)
    found = _about(structure, request, sent.get("about", ""))
    kind = sent.get("kind") if sent.get("kind") in Kind.values else Kind.INTERPRETATION
    circle = get_role(person, sent["circle"]) if sent.get("circle") else None
    other = get_person(person, sent["other"]) if sent.get("other") else None
    clause = sent.get("clause", "").strip().lstrip("§")
    refused: Refused | None = None
    if request.method == "POST":
        try:
            if circle is None:
                raise Refused(_("Choose the circle whose secretary is asked."), field="circle")
            if clause and found is None:
                if not is_clause(clause):
                    raise Refused(
                        _("There is no such clause. Write its number, such as 1.3.2."), field="clause"
                    )
                found = thing(structure, organization, About.CLAUSE, clause)
            ruling = actions.ask(
                circle,
                actor=person,
                kind=str(kind),
                question=sent.get("question", ""),
                about=found.about if found else "",
                about_id=found.id if found else "",
                reading=sent.get("reading", ""),
                other=other,
                other_reading=sent.get("other_reading", ""),
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("The secretary is asked. The ruling will stand here."))
            return redirect("governance:ruling", organization.slug, ruling.pk)
    choices = _askable(structure, found, request)
    if circle is not None and all(one["role"].id != circle.pk for one in choices):
        choices = [*choices, *_with_secretary(structure, [circle.pk], request)]
    serves = any(person.pk in {p.pk for p in one["secretaries"]} for one in choices)
    context = {
        "kind": kind,
        "may_strike": serves and kind == Kind.VALIDITY and found is not None,
        "kinds": Kind.choices,
        "thing": found,
        "about": f"{found.about}:{found.id}" if found and found.about != About.CLAUSE else "",
        "parts": _parts(structure, found),
        "clause": clause,
        "choices": choices,
        "circle": circle or (choices[0]["role"] if choices else None),
        "people": Person.objects.present().filter(organization=organization).order_by("name", "pk"),
        "typed": sent,
        "refused": refused,
        "refused_clause": _clause_of(refused),
        "refused_field": refused.field if refused else "",
        "may_ask": person.partner,
    }
    return render(request, "governance/ruling_ask.html", context, status=422 if refused else 200)


def _about(structure: Structure, request: OrganizationRequest, about: str) -> Thing | None:
    """What an address says something is about; Http404 where it names what is not there."""
    if not about:
        return None
    kind, _colon, which = about.partition(":")
    if kind not in About.values or not which or (kind == About.CLAUSE and not is_clause(which)):
        raise Http404
    found = thing(structure, request.organization, kind, which)
    if found is None:
        raise Http404
    return found


def _parts(structure: Structure, found: Thing | None) -> list[tuple[str, str]]:
    """A role and its single lines, any of which may be meant: (value, words)."""
    if found is None or found.role is None or found.policy is not None:
        return []
    role = found.role
    parts = [(f"{About.ROLE}:{role.id}", _("The whole role"))] if role.kind == ORDINARY else []
    parts += [
        (f"{About.DOMAIN}:{row.id}", _("Domain: %(text)s") % {"text": row.text})
        for row in structure.lines(DomainRow, role.id)
    ]
    parts += [
        (f"{About.ACCOUNTABILITY}:{row.id}", row.text) for row in structure.lines(AccountabilityRow, role.id)
    ]
    return parts


def _askable(structure: Structure, found: Thing | None, request: OrganizationRequest) -> list[dict[str, Any]]:
    """The circles whose secretary can be asked about something, the nearest first; without it, all there are."""
    if found is not None and found.decision is not None and found.circle is None:
        try:
            home = striking(structure, found).circle
        except Refused:
            home = None
        anchor = structure.anchor()
        home = home or (anchor.id if anchor is not None else None)
        return _with_secretary(structure, circles_above(structure, home) if home else [], request)
    if found is not None and found.circle is not None:
        return _with_secretary(structure, circles_above(structure, found.circle), request)
    return [{"role": circle, "secretaries": []} for circle in circles_of(request.organization)[:200]]


def _with_secretary(
    structure: Structure, circle_ids: list[str], request: OrganizationRequest
) -> list[dict[str, Any]]:
    result = []
    for circle_id in circle_ids:
        row = structure.get(RoleRow, circle_id)
        if row is None:
            continue
        people = people_named(request.organization, acting(structure, circle_id, SECRETARY).people)
        result.append({"role": row, "secretaries": sorted(people.values(), key=lambda p: p.name.casefold())})
    return result


# -- one ruling ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def ruling(request: OrganizationRequest, ruling: str) -> HttpResponseBase:
    """A question with the ruling on it. A POST names in ``do`` what its sender does."""
    found = get_ruling(request.person, ruling)
    refused: Refused | None = None
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        try:
            if act is None:
                raise Refused(_("Choose what to do."))
            said, then = act(request, found)
            messages.success(request, said)
            return redirect("governance:ruling", request.organization.slug, then.pk)
        except Refused as error:
            refused = error
            found = get_ruling(request.person, ruling)
    structure = Structure.of(request.organization.id)
    about = thing(structure, request.organization, found.about, found.about_id) if found.about else None
    mine = request.person.pk in secretaries(structure, found.circle)
    above = circles_above(structure, found.circle_id)[1:]
    people = people_named(request.organization, secretaries(structure, found.circle))
    appeals = visible_rulings(request.person).filter(appeal_of=found)
    may_strike = False
    if about is not None and found.kind == Kind.VALIDITY and about.about != About.CLAUSE:
        try:
            plan = striking(structure, about)
            may_strike = mine and not list(
                rules.secretary_strikes_4_2_2(structure, plan.circles, request.person.pk)
            )
        except Refused:
            may_strike = False
    context = {
        "ruling": found,
        "pill": PILLS[State(found.state)],
        "thing": about,
        "gone": bool(found.about) and about is None,
        "now_says": about.said if about is not None else "",
        "changed": bool(found.ruled_at) and bool(found.said) and (about is None or about.said != found.said),
        "is_secretary": mine,
        "secretaries": sorted(people.values(), key=lambda p: p.name.casefold()),
        "is_asker": found.asker_id == request.person.pk,
        "above": [structure.role(i) for i in above] if request.person.partner else [],
        "appeals": with_pills(appeals),
        "may_strike": may_strike,
        "strike_about": f"{found.about}:{found.about_id}",
        "typed": request.POST,
        "do": request.POST.get("do", ""),
        "refused": refused,
        "refused_clause": _clause_of(refused),
    }
    return render(request, "governance/ruling.html", context, status=422 if refused else 200)


def _rule(request: OrganizationRequest, found: Ruling) -> tuple[str, Ruling]:
    sent = request.POST
    overrules = {"overrule": True, "uphold": False}.get(sent.get("overrules", ""))
    done = actions.rule(
        found,
        actor=request.person,
        text=sent.get("text", ""),
        logic=sent.get("logic", ""),
        publish="publish" in sent,
        overrules=overrules,
    )
    return _("Your ruling counts from now on."), done


def _publish(request: OrganizationRequest, found: Ruling) -> tuple[str, Ruling]:
    return _("All partners can read it now."), actions.publish_ruling(found, actor=request.person)


def _unpublish(request: OrganizationRequest, found: Ruling) -> tuple[str, Ruling]:
    done = actions.publish_ruling(found, actor=request.person, publish=False)
    return _("Only those concerned see it now."), done


def _appeal(request: OrganizationRequest, found: Ruling) -> tuple[str, Ruling]:
    circle = get_role(request.person, request.POST.get("circle", ""))
    done = actions.appeal(found, circle, actor=request.person, reason=request.POST.get("reason", ""))
    return _("Appealed. The ruling counts until it is overruled."), done


def _lapse(request: OrganizationRequest, found: Ruling) -> tuple[str, Ruling]:
    done = actions.let_lapse(found, actor=request.person, reason=request.POST.get("reason", ""))
    return _("The ruling binds nobody any more."), done


def _withdraw(request: OrganizationRequest, found: Ruling) -> tuple[str, Ruling]:
    return _("The question is withdrawn."), actions.withdraw_question(found, actor=request.person)


ACTS: dict[str, Callable[[OrganizationRequest, Ruling], tuple[str, Ruling]]] = {
    "rule": _rule,
    "publish": _publish,
    "unpublish": _unpublish,
    "appeal": _appeal,
    "lapse": _lapse,
    "withdraw": _withdraw,
}


# -- striking -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@in_organization
def strike(request: OrganizationRequest, about: str) -> HttpResponseBase:
    """Strike what ``about`` names, after showing what goes and what was built on it; ``ruling`` answers a question."""
    person, organization = request.person, request.organization
    sent = request.POST if request.method == "POST" else request.GET
    answered = get_ruling(person, sent["ruling"]) if sent.get("ruling") else None
    structure = Structure.of(organization.pk)
    found = _about(structure, request, about)
    if found is None or found.about == About.CLAUSE:
        raise Http404
    refused: Refused | None = None
    if request.method == "POST":
        try:
            decision = actions.strike(
                actor=person,
                about=found.about,
                about_id=found.id,
                reason=sent.get("reason", ""),
                ruling=answered,
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("Struck. Everybody who fills a role in the circle is told."))
            return redirect("governance:decision", organization.slug, decision.number)
    context = {
        "thing": found,
        "about": f"{found.about}:{found.id}",
        "parts": [part for part in _parts(structure, found) if part[0] != f"{found.about}:{found.id}"],
        "ruling": answered,
        "typed": sent,
        "refused": refused,
        "refused_clause": _clause_of(refused),
        **_outlook(structure, found, request),
    }
    return render(request, "governance/strike.html", context, status=422 if refused else 200)


def _outlook(structure: Structure, found: Thing, request: OrganizationRequest) -> dict[str, Any]:
    """What striking something would do, what was built on it, and who may."""
    organization = request.organization
    plan, impossible = Strike(found), None
    try:
        plan = striking(structure, found)
    except Refused as error:
        impossible = error
    not_mine = (
        [] if impossible else list(rules.secretary_strikes_4_2_2(structure, plan.circles, request.person.pk))
    )
    done = preview(organization, plan.changes, authority=Authority(by.STRIKE, request.person.pk, plan.circle))
    names = NameBook(organization)
    who: set[str] = set()
    for circle_id in plan.circles:
        for above in circles_above(structure, circle_id):
            who |= acting(structure, above, SECRETARY).people
    people = people_named(organization, who) if not_mine else {}
    return {
        "plan": plan,
        "impossible": impossible,
        "circle": structure.get(RoleRow, plan.circle),
        "not_mine": not_mine[0] if not_mine else None,
        "secretaries": sorted(people.values(), key=lambda p: p.name.casefold())[:20],
        "subjects": queries.with_refs(describe(dump_rows(done.row_changes), names)),
        "hindered": [(plan.changes[n].sentence(names), refusal.message) for n, refusal in done.refusals],
        "follows": consequences(organization, done, circle_id=plan.circle) if plan.circle else [],
        "left": [(one.change.sentence(names), one.why, one.clause) for one in plan.left],
        "stays": plan.stays,
        "entry": queries.entries(organization, [found.decision])[0] if found.decision else None,
        "later": queries.entries(organization, since_then(organization, found)),
    }
