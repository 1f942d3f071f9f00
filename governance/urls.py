"""Addresses of proposals and the record; all begin with the organization's slug."""

from django.urls import path

from governance.views import (
    breakdown,
    calendar,
    drafts,
    elections,
    merge,
    powers,
    proposals,
    record,
    rulings,
    undo,
)

app_name = "governance"
urlpatterns = [
    path("<slug:organization>/awaiting/", proposals.awaiting, name="awaiting"),
    path("<slug:organization>/proposals/", proposals.proposals, name="proposals"),
    path("<slug:organization>/proposals/new/", drafts.new_proposal, name="new_proposal"),
    path("<slug:organization>/proposals/<id:proposal>/", proposals.proposal, name="proposal"),
    path("<slug:organization>/proposals/<id:proposal>/merge/", merge.merge, name="merge"),
    path("<slug:organization>/proposals/<id:proposal>/edit/", drafts.draft, name="draft"),
    path("<slug:organization>/roles/<ref:ref>/represent/", powers.represent, name="represent"),
    path("<slug:organization>/roles/<ref:ref>/stand-in/", powers.stand_in, name="stand_in"),
    path("<slug:organization>/roles/<ref:ref>/process/", breakdown.breakdowns, name="breakdowns"),
    path("<slug:organization>/roles/<ref:ref>/calendar/", calendar.calendar, name="calendar"),
    path("<slug:organization>/breakdowns/<id:breakdown>/", breakdown.breakdown, name="breakdown"),
    path("<slug:organization>/elections/", elections.elections, name="elections"),
    path("<slug:organization>/elections/new/", elections.call_election, name="call_election"),
    path("<slug:organization>/elections/<id:election>/", elections.election, name="election"),
    path("<slug:organization>/rulings/", rulings.rulings, name="rulings"),
    path("<slug:organization>/rulings/ask/", rulings.ask, name="ask_ruling"),
    path("<slug:organization>/rulings/<id:ruling>/", rulings.ruling, name="ruling"),
    path("<slug:organization>/strike/<str:about>/", rulings.strike, name="strike"),
    path("<slug:organization>/record/", record.record, name="record"),
    path("<slug:organization>/record/<int:number>/", record.decision, name="decision"),
    path("<slug:organization>/record/<int:number>/undo/", undo.undo, name="undo"),
    path("<slug:organization>/record/<int:number>.json", record.decision_as_json, name="decision_json"),
]
