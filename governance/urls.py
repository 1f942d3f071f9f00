"""Addresses of proposals and the record; all begin with the organization's slug."""

from django.urls import path

from governance import (
    views_breakdown,
    views_calendar,
    views_drafts,
    views_elections,
    views_merge,
    views_powers,
    views_proposals,
    views_record,
    views_rulings,
    views_undo,
)

app_name = "governance"
urlpatterns = [
    path("<slug:organization>/awaiting/", views_proposals.awaiting, name="awaiting"),
    path("<slug:organization>/proposals/", views_proposals.proposals, name="proposals"),
    path("<slug:organization>/proposals/new/", views_drafts.new_proposal, name="new_proposal"),
    path("<slug:organization>/proposals/<id:proposal>/", views_proposals.proposal, name="proposal"),
    path("<slug:organization>/proposals/<id:proposal>/merge/", views_merge.merge, name="merge"),
    path("<slug:organization>/proposals/<id:proposal>/edit/", views_drafts.draft, name="draft"),
    path("<slug:organization>/roles/<ref:ref>/represent/", views_powers.represent, name="represent"),
    path("<slug:organization>/roles/<ref:ref>/stand-in/", views_powers.stand_in, name="stand_in"),
    path("<slug:organization>/roles/<ref:ref>/process/", views_breakdown.breakdowns, name="breakdowns"),
    path("<slug:organization>/roles/<ref:ref>/calendar/", views_calendar.calendar, name="calendar"),
    path("<slug:organization>/breakdowns/<id:breakdown>/", views_breakdown.breakdown, name="breakdown"),
    path("<slug:organization>/elections/", views_elections.elections, name="elections"),
    path("<slug:organization>/elections/new/", views_elections.call_election, name="call_election"),
    path("<slug:organization>/elections/<id:election>/", views_elections.election, name="election"),
    path("<slug:organization>/rulings/", views_rulings.rulings, name="rulings"),
    path("<slug:organization>/rulings/ask/", views_rulings.ask, name="ask_ruling"),
    path("<slug:organization>/rulings/<id:ruling>/", views_rulings.ruling, name="ruling"),
    path("<slug:organization>/strike/<str:about>/", views_rulings.strike, name="strike"),
    path("<slug:organization>/record/", views_record.record, name="record"),
    path("<slug:organization>/record/<int:number>/", views_record.decision, name="decision"),
    path("<slug:organization>/record/<int:number>/undo/", views_undo.undo, name="undo"),
    path("<slug:organization>/record/<int:number>.json", views_record.decision_as_json, name="decision_json"),
]
