"""Addresses of the API, version 1, below ``api/v1/``."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from announcements.api import AnnouncementsView, AnnouncementView, EscalationsView, ObjectionsView
from circles.api import PolicyView, RolesView, RoleView
from governance.api.consent import AnswerView, CalendarView
from governance.api.elections import BallotView, ElectionsView, ElectionView
from governance.api.powers import BreakdownsView, BreakdownView, RepresentativesView
from governance.api.proposals import DecisionsView, DecisionView, ProposalsView, ProposalView
from governance.api.relations import FirstView, LinksView, RoutesView
from governance.api.rulings import RulingsView, RulingView, UndoView
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
    path("<str:organization>/roles/<str:ref>/links/", LinksView.as_view(), name="links"),
    path("<str:organization>/roles/<str:ref>/first/", FirstView.as_view(), name="first"),
    path("<str:organization>/roles/<str:ref>/routes/", RoutesView.as_view(), name="routes"),
    path("<str:organization>/policies/<str:ref>/", PolicyView.as_view(), name="policy"),
    path("<str:organization>/people/", PeopleView.as_view(), name="people"),
    path("<str:organization>/people/<str:ref>/", PersonView.as_view(), name="person"),
    path("<str:organization>/decisions/", DecisionsView.as_view(), name="decisions"),
    path("<str:organization>/decisions/<int:number>/", DecisionView.as_view(), name="decision"),
    path("<str:organization>/decisions/<int:number>/undo/", UndoView.as_view(), name="undo"),
    path("<str:organization>/proposals/", ProposalsView.as_view(), name="proposals"),
    path("<str:organization>/proposals/<str:proposal>/", ProposalView.as_view(), name="proposal"),
    path("<str:organization>/proposals/<str:proposal>/answer/", AnswerView.as_view(), name="answer"),
    path("<str:organization>/roles/<str:ref>/calendar/", CalendarView.as_view(), name="calendar"),
    path("<str:organization>/announcements/", AnnouncementsView.as_view(), name="announcements"),
    path(
        "<str:organization>/announcements/<str:announcement>/",
        AnnouncementView.as_view(),
        name="announcement",
    ),
    path(
        "<str:organization>/announcements/<str:announcement>/objections/",
        ObjectionsView.as_view(),
        name="announcement_objections",
    ),
    path(
        "<str:organization>/announcements/<str:announcement>/escalations/",
        EscalationsView.as_view(),
        name="announcement_escalations",
    ),
    path("<str:organization>/elections/", ElectionsView.as_view(), name="elections"),
    path("<str:organization>/elections/<str:election>/", ElectionView.as_view(), name="election"),
    path("<str:organization>/elections/<str:election>/ballot/", BallotView.as_view(), name="ballot"),
    path(
        "<str:organization>/roles/<str:ref>/representatives/",
        RepresentativesView.as_view(),
        name="representatives",
    ),
    path("<str:organization>/breakdowns/", BreakdownsView.as_view(), name="breakdowns"),
    path("<str:organization>/breakdowns/<str:breakdown>/", BreakdownView.as_view(), name="breakdown"),
    path("<str:organization>/rulings/", RulingsView.as_view(), name="rulings"),
    path("<str:organization>/rulings/<str:ruling>/", RulingView.as_view(), name="ruling"),
    path("<str:organization>/tensions/", TensionsView.as_view(), name="tensions"),
    path("<str:organization>/tensions/<str:tension>/", TensionView.as_view(), name="tension"),
]
