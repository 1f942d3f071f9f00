"""Addresses of the pages that gather from several apps."""

from django.urls import path

from pages import views

app_name = "pages"
urlpatterns = [
    path("constitution/<str:number>/", views.clause, name="clause"),
    path("<slug:organization>/", views.home, name="home"),
    path("<slug:organization>/structure/", views.structure, name="structure"),
    path("<slug:organization>/structure/<ref:ref>/", views.branch, name="branch"),
    path("<slug:organization>/people/", views.people, name="people"),
    path("<slug:organization>/people/<ref:ref>/", views.person, name="person"),
]
