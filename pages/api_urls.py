"""Addresses of the API, version 1, below ``api/v1/``."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from circles.api import PolicyView, RolesView, RoleView
from governance.api import DecisionsView, DecisionView, ProposalsView, ProposalView
from pages.api import MeView, PersonView, StructureView
from people.api import PeopleView
from tensions.api import TensionsView, TensionView

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("<str:organization>/me/", MeView.as_view(), name="me"),
    path("<str:organization>/structure/", StructureView.as_view(), name="structure"),
    path("<str:organization>/roles/", RolesView.as_view(), name="roles"),
    path("<str:organization>/roles/<str:ref>/", RoleView.as_view(), name="role"),
    path("<str:organization>/policies/<str:ref>/", PolicyView.as_view(), name="policy"),
    path("<str:organization>/people/", PeopleView.as_view(), name="people"),
    path("<str:organization>/people/<str:ref>/", PersonView.as_view(), name="person"),
    path("<str:organization>/decisions/", DecisionsView.as_view(), name="decisions"),
    path("<str:organization>/decisions/<int:number>/", DecisionView.as_view(), name="decision"),
    path("<str:organization>/proposals/", ProposalsView.as_view(), name="proposals"),
    path("<str:organization>/proposals/<str:proposal>/", ProposalView.as_view(), name="proposal"),
    path("<str:organization>/tensions/", TensionsView.as_view(), name="tensions"),
    path("<str:organization>/tensions/<str:tension>/", TensionView.as_view(), name="tension"),
]
