"""Addresses of roles, circles and policies; all begin with the organization's slug."""

from django.urls import path

from circles import views, views_relations

app_name = "circles"
urlpatterns = [
    path("<slug:organization>/roles/<ref:ref>/", views.role, name="role"),
    path("<slug:organization>/roles/<ref:ref>/roles/", views.roles, name="roles"),
    path("<slug:organization>/roles/<ref:ref>/policies/", views.policies, name="policies"),
    path("<slug:organization>/roles/<ref:ref>/members/", views.members, name="members"),
    path("<slug:organization>/roles/<ref:ref>/meetings/", views.meetings, name="meetings"),
    path("<slug:organization>/roles/<ref:ref>/history/", views.history, name="history"),
    path("<slug:organization>/roles/<ref:ref>/assign/", views.assign, name="assign"),
    path("<slug:organization>/roles/<ref:ref>/links/", views_relations.links, name="links"),
    path("<slug:organization>/roles/<ref:ref>/strategies/", views_relations.strategies, name="strategies"),
    path("<slug:organization>/roles/<ref:ref>/priorities/", views_relations.priorities, name="priorities"),
    path("<slug:organization>/roles/<ref:ref>/routes/", views_relations.routes, name="routes"),
    path("<slug:organization>/links/<id:link>/end/", views_relations.unlink, name="unlink"),
    path("<slug:organization>/assignments/<id:assignment>/end/", views.unassign, name="unassign"),
    path("<slug:organization>/assignments/<id:assignment>/resign/", views.resign, name="resign"),
    path("<slug:organization>/policies/<ref:ref>/", views.policy, name="policy"),
]
