"""Addresses of the door and of people. Those that begin with an organization's slug come last."""

from django.urls import path

from people.views import door, members, profile, set_up, structure

app_name = "people"
urlpatterns = [
    path("", door.root, name="root"),
    path("organizations/", door.organizations, name="organizations"),
    path("new/", door.found, name="found"),
    path("demo/sign-in/", door.demo_sign_in, name="demo_sign_in"),
    path("invitations/<str:secret>/", door.invitation, name="invitation"),
    path("<slug:organization>/profile/", profile.profile, name="profile"),
    path("<slug:organization>/profile/leave/", profile.leave, name="leave"),
    path("<slug:organization>/profile/keys/<id:token>/revoke/", profile.revoke, name="revoke_token"),
    path("<slug:organization>/set-up/", set_up.setup, name="setup"),
    path("<slug:organization>/set-up/people/", members.people, name="people"),
    path("<slug:organization>/set-up/people/<ref:ref>/", members.member, name="member"),
    path("<slug:organization>/set-up/people/<ref:ref>/invite/", members.invite_person, name="invite"),
    path("<slug:organization>/set-up/people/<ref:ref>/admin/", members.admin_flag, name="admin_flag"),
    path(
        "<slug:organization>/set-up/people/<ref:ref>/partner/", members.partner_status, name="partner_status"
    ),
    path("<slug:organization>/set-up/people/<ref:ref>/leave/", members.leave_member, name="leave_member"),
    path("<slug:organization>/set-up/structure/", structure.structure_edit, name="structure_edit"),
    path(
        "<slug:organization>/set-up/structure/policies/<id:policy>/",
        structure.structure_policy,
        name="structure_policy",
    ),
    path(
        "<slug:organization>/set-up/structure/policies/<id:policy>/remove/",
        structure.structure_remove_policy,
        name="structure_remove_policy",
    ),
    path(
        "<slug:organization>/set-up/structure/assignments/<id:assignment>/end/",
        structure.structure_unassign,
        name="structure_unassign",
    ),
    path("<slug:organization>/set-up/structure/<ref:ref>/", structure.structure_role, name="structure_role"),
    path(
        "<slug:organization>/set-up/structure/<ref:ref>/add/", structure.structure_add, name="structure_add"
    ),
    path(
        "<slug:organization>/set-up/structure/<ref:ref>/move/",
        structure.structure_move,
        name="structure_move",
    ),
    path(
        "<slug:organization>/set-up/structure/<ref:ref>/remove/",
        structure.structure_remove,
        name="structure_remove",
    ),
    path(
        "<slug:organization>/set-up/structure/<ref:ref>/assign/",
        structure.structure_assign,
        name="structure_assign",
    ),
    path(
        "<slug:organization>/set-up/structure/<ref:ref>/policies/add/",
        structure.structure_add_policy,
        name="structure_add_policy",
    ),
]
