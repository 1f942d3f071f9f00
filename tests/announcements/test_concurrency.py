"""Standing against an announcement at the moment at which it is granted: one of the two comes first."""

from __future__ import annotations

import pytest

from announcements import actions
from announcements.models import Announcement
from circles.models import Domain
from tests import world as worlds
from tests.governance.test_concurrency import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_objection_and_a_permission_at_one_moment_have_an_order() -> None:
    world = worlds.build()
    role = world.role_ids["copywriter"]
    from governance.actions.assignments import assign_role

    assign_role(world.role("copywriter"), world.lea, actor=world.ines)
    guide = Domain.objects.get(role=role)
    for n in range(3):
        found = actions.announce_intent(
            world.role("merchandiser"), actor=world.priya, what=f"Chapter {n}", domains=[guide.pk]
        )
        in_threads(
            [
                lambda: actions.object_to(found, actor=world.maya, words="No"),  # noqa: B023
                lambda: actions.permit(found, actor=world.lea),  # noqa: B023
            ]
        )
        found.refresh_from_db()
        standing = found.replies.filter(state="standing").exists()
        # Nobody's word is lost, and what is granted is granted with nobody standing against it
        assert found.state == (Announcement.State.OBJECTED if standing else Announcement.State.GRANTED)
