"""Run as a process: builds Northwind and proposals that want one last answer, in the database it is told.

Prints, as one line of JSON, a session of the last one to answer and the proposals.
"""

from __future__ import annotations

import json
import os
import sys

import django


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from governance.actions import proposals
    from tests import world as worlds

    call_command("migrate", verbosity=0, interactive=False)
    world = worlds.build()
    waiting = []
    for n in range(count):
        proposal = proposals.start_draft(
            world.role("storefront"),
            actor=world.samira,
            title=f"Brief {n}",
            tension="Briefs come late",
            example="On Monday one did",
            how_helped="It would not have",
            changes=[
                {
                    "kind": "amend_role",
                    "role": world.role_ids["merchandiser"],
                    "accountabilities": [{"op": "add", "text": f"Sending brief {n}"}],
                }
            ],
        )
        proposal = proposals.propose(proposal, actor=world.samira)
        for person in (world.ines, world.priya, world.noor, world.tobias):
            proposals.answer(proposal, actor=person, text_version=proposal.text_version)
        waiting.append({"id": proposal.pk, "text_version": proposal.text_version})
    account = world.maya.account
    assert account is not None
    session = SessionStore()
    session[SESSION_KEY] = account.pk
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    print(
        json.dumps(
            {"session": session.session_key, "cookie": settings.SESSION_COOKIE_NAME, "proposals": waiting}
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
