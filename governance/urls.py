"""Addresses of proposals and the record; all begin with the organization's slug."""

from django.urls import path

from governance import views_record

app_name = "governance"
urlpatterns = [
    path("<slug:organization>/record/", views_record.record, name="record"),
    path("<slug:organization>/record/<int:number>/", views_record.decision, name="decision"),
    path("<slug:organization>/record/<int:number>.json", views_record.decision_as_json, name="decision_json"),
]
