"""How an admin's edit goes: shown as a difference first, put on the record when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from governance import authority as by
from governance.actions.set_up import edit_structure
from governance.authority import Authority
from governance.changes import Change
from governance.diffs import SubjectDiff, describe
from governance.enactment import preview
from governance.names import NameBook
from governance.record import dump_rows
from people.access import OrganizationRequest
from people.forms import ActForm, refuse
from people.models import Person
from people.refusals import Refused


def differences(person: Person, changes: Sequence[Change]) -> tuple[list[SubjectDiff], list[Refused]]:
    """Return what an admin's changes would do now, as people read it, and what stands in their way."""
    organization = person.organization
    authority = Authority(by.ADMIN if organization.is_set_up else by.RATIFIERS, actor=person.id)
    result = preview(organization, changes, authority=authority)
    subjects = describe(dump_rows(result.row_changes), NameBook(organization)) if result.ok else []
    return subjects, [refusal for _number, refusal in result.refusals]


def carry_out(
    request: OrganizationRequest,
    form: ActForm,
    changes_of: Callable[[dict[str, Any]], Sequence[Change]],
    *,
    template: str,
    done: str | Callable[[Sequence[Change]], str],
    said: str,
    context: Callable[[], dict[str, Any]],
) -> HttpResponse:
    """Show an edit, its difference, and whatever refuses it; do it when it is sent and nothing does.

    ``changes_of`` turns the cleaned form into changes (it may raise Refused); ``done`` is where to go afterwards,
    and ``said`` what is said there. A request for the difference alone (``preview`` with htmx) gets just that.
    """
    subjects: list[SubjectDiff] = []
    asked = request.method == "POST" and "preview" in request.POST
    if form.is_bound and form.is_valid():
        try:
            changes = changes_of(form.cleaned_data)
            refusals: list[Refused] = []
            if changes:
                subjects, refusals = differences(request.person, changes)
            for refusal in refusals:
                refuse(form, refusal)
            if request.method == "POST" and not asked and not refusals:
                edit_structure(changes, actor=request.person, reason=form.cleaned_data.get("reason", ""))
                messages.success(request, said)
                return redirect(done(changes) if callable(done) else done)
        except Refused as refused:
            refuse(form, refused)
    shown = {
        "tab": "structure",
        "form": form,
        "subjects": subjects,
        "asked": form.is_bound,
        "adopted": request.organization.is_set_up,
    }
    if asked and request.htmx:
        return render(request, "people/preview.html", shown)
    status = 422 if request.method == "POST" and not asked and form.errors else 200
    return render(request, template, {**shown, **context()}, status=status)
