"""Addresses of proposals and the record; all begin with the organization's slug."""

from django.urls import path

from governance import (
    views_breakdown,
    views_calendar,
    views_drafts,
    views_powers,
    views_proposals,
    views_record,
)

app_name = "governance"
urlpatterns = [
    path("<slug:organization>/awaiting/", views_proposals.awaiting, name="awaiting"),
    path("<slug:organization>/proposals/", views_proposals.proposals, name="proposals"),
    path("<slug:organization>/proposals/new/", views_drafts.new_proposal, name="new_proposal"),
    path("<slug:organization>/proposals/<id:proposal>/", views_proposals.proposal, name="proposal"),
    path("<slug:organization>/proposals/<id:proposal>/edit/", views_drafts.draft, name="draft"),
    path("<slug:organization>/roles/<ref:ref>/represent/", views_powers.represent, name="represent"),
    path("<slug:organization>/roles/<ref:ref>/stand-in/", views_powers.stand_in, name="stand_in"),
    path("<slug:organization>/roles/<ref:ref>/process/", views_breakdown.breakdowns, name="breakdowns"),
    path("<slug:organization>/roles/<ref:ref>/calendar/", views_calendar.calendar, name="calendar"),
    path("<slug:organization>/breakdowns/<id:breakdown>/", views_breakdown.breakdown, name="breakdown"),
    path("<slug:organization>/record/", views_record.record, name="record"),
    path("<slug:organization>/record/<int:number>/", views_record.decision, name="decision"),
    path("<slug:organization>/record/<int:number>.json", views_record.decision_as_json, name="decision_json"),
]
