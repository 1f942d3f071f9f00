"""Addresses of announcements; all begin with the organization's slug."""

from django.urls import path

from announcements import views

app_name = "announcements"
urlpatterns = [
    path("<slug:organization>/announcements/", views.announcements, name="list"),
    path("<slug:organization>/announcements/intent/", views.intent, name="intent"),
    path("<slug:organization>/announcements/spending/", views.spending, name="spending"),
    path("<slug:organization>/announcements/initiative/", views.initiative, name="initiative"),
    path("<slug:organization>/announcements/<id:announcement>/", views.announcement, name="announcement"),
]
