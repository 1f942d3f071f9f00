"""Addresses of meetings; all begin with the organization's slug."""

from django.urls import path

from meetings import views

app_name = "meetings"
urlpatterns = [
    path("<slug:organization>/meetings/", views.meetings, name="list"),
    path("<slug:organization>/meetings/requests/<id:wanted>/take-back/", views.take_back, name="take_back"),
    path("<slug:organization>/roles/<ref:ref>/meetings/ask/", views.ask, name="ask"),
    path("<slug:organization>/meetings/<id:meeting>/", views.room, name="room"),
    path("<slug:organization>/meetings/<id:meeting>/minutes/", views.minutes, name="minutes"),
    path("<slug:organization>/meetings/<id:meeting>/parts/", views.parts, name="parts"),
    path("<slug:organization>/meetings/<id:meeting>/text/", views.text, name="text"),
    path("<slug:organization>/meetings/<id:meeting>/do/<str:name>/", views.act, name="act"),
]
