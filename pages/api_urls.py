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
    path("<slug:organization>/me/", MeView.as_view(), name="me"),
    path("<slug:organization>/structure/", StructureView.as_view(), name="structure"),
    path("<slug:organization>/roles/", RolesView.as_view(), name="roles"),
    path("<slug:organization>/roles/<slug:ref>/", RoleView.as_view(), name="role"),
    path("<slug:organization>/policies/<slug:ref>/", PolicyView.as_view(), name="policy"),
    path("<slug:organization>/people/", PeopleView.as_view(), name="people"),
    path("<slug:organization>/people/<slug:ref>/", PersonView.as_view(), name="person"),
    path("<slug:organization>/decisions/", DecisionsView.as_view(), name="decisions"),
    path("<slug:organization>/decisions/<int:number>/", DecisionView.as_view(), name="decision"),
    path("<slug:organization>/proposals/", ProposalsView.as_view(), name="proposals"),
    path("<slug:organization>/proposals/<slug:proposal>/", ProposalView.as_view(), name="proposal"),
    path("<slug:organization>/tensions/", TensionsView.as_view(), name="tensions"),
    path("<slug:organization>/tensions/<slug:tension>/", TensionView.as_view(), name="tension"),
]
