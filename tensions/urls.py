"""Addresses of tensions; all begin with the organization's slug."""

from django.urls import path

from tensions import views

app_name = "tensions"
urlpatterns = [
    path("<slug:organization>/tensions/", views.inbox, name="inbox"),
    path("<slug:organization>/tensions/new/", views.capture, name="capture"),
    path("<slug:organization>/tensions/<id:tension>/", views.tension, name="tension"),
]
