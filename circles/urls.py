"""Addresses of roles, circles and policies; all begin with the organization's slug."""

from django.urls import path

from circles import views

app_name = "circles"
urlpatterns = [
    path("<slug:organization>/roles/<ref:ref>/", views.role, name="role"),
    path("<slug:organization>/roles/<ref:ref>/roles/", views.roles, name="roles"),
    path("<slug:organization>/roles/<ref:ref>/policies/", views.policies, name="policies"),
    path("<slug:organization>/roles/<ref:ref>/members/", views.members, name="members"),
    path("<slug:organization>/roles/<ref:ref>/meetings/", views.meetings, name="meetings"),
    path("<slug:organization>/roles/<ref:ref>/history/", views.history, name="history"),
    path("<slug:organization>/roles/<ref:ref>/assign/", views.assign, name="assign"),
    path("<slug:organization>/assignments/<id:assignment>/end/", views.unassign, name="unassign"),
    path("<slug:organization>/assignments/<id:assignment>/resign/", views.resign, name="resign"),
    path("<slug:organization>/policies/<ref:ref>/", views.policy, name="policy"),
]
