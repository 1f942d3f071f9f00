"""Addresses of proposals and the record; all begin with the organization's slug."""

from django.urls import path

from governance import views_drafts, views_proposals, views_record

app_name = "governance"
urlpatterns = [
    path("<slug:organization>/awaiting/", views_proposals.awaiting, name="awaiting"),
    path("<slug:organization>/proposals/", views_proposals.proposals, name="proposals"),
    path("<slug:organization>/proposals/new/", views_drafts.new_proposal, name="new_proposal"),
    path("<slug:organization>/proposals/<id:proposal>/", views_proposals.proposal, name="proposal"),
    path("<slug:organization>/proposals/<id:proposal>/edit/", views_drafts.draft, name="draft"),
    path("<slug:organization>/record/", views_record.record, name="record"),
    path("<slug:organization>/record/<int:number>/", views_record.decision, name="decision"),
    path("<slug:organization>/record/<int:number>.json", views_record.decision_as_json, name="decision_json"),
]
