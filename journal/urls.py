from django.urls import path

from journal import live

app_name = "journal"

urlpatterns = [
    path("<slug:organization>/<slug:topic>/", live.stream, name="live"),
]
