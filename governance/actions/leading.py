"""What circle leads set besides assignments: strategies, priorities (§1.4.3) and routes (§1.4.4)."""

from __future__ import annotations

from collections.abc import Sequence

from circles.models import Role
from circles.relations import strategies
from circles.structure import RouteRow, Structure
from governance import authority as by
from governance.authority import Authority
from governance.changes import AmendStrategies, Reroute, SetPriorities
from governance.changes.leads import priorities_of
from governance.enactment import Enacted, enact
from people.ids import derived_id, new_id
from people.models import Person


def _authority(circle: Role, actor: Person) -> Authority:
    return Authority(by.CIRCLE_LEAD, actor=actor.id, circle=circle.id)


def set_strategies(
    circle: Role, texts: Sequence[str], *, actor: Person, was: Sequence[str] | None = None
) -> Enacted:
    """Let a circle lead, or whom a policy gives it to, set the strategies of a circle, in this order (§1.4.3).

    ``was`` are the texts they had before them; where these have changed since, Conflict is raised. A text that
    stood before keeps its identity. Raises RuleBroken (§1.4.3, §1.4.5) for anybody else, Malformed for texts too
    long or too many.
    """
    rows = strategies(Structure.of(circle.organization_id), circle.id)
    now = [{"id": row.id, "text": row.text} for row in rows]
    before = (
        now if was is None or list(was) == [row.text for row in rows] else [{"text": text} for text in was]
    )
    ids = {row.text: row.id for row in rows}
    to = [{"id": ids.pop(text.strip(), "") or new_id(), "text": text} for text in texts if text.strip()]
    change = AmendStrategies.parse({"circle": circle.id, "from": before, "to": to})
    return enact(actor.organization, [change], authority=_authority(circle, actor))


def set_priorities(
    circle: Role, roles: Sequence[str], *, actor: Person, was: Sequence[str] | None = None
) -> Enacted:
    """Let a circle lead, or whom a policy gives it to, put roles of a circle into the order in which they come
    (§1.4.3). ``was`` is the order they had before them, as with strategies."""
    if was is None:
        was = priorities_of(Structure.of(circle.organization_id), circle.id)
    change = SetPriorities.parse({"circle": circle.id, "from": list(was), "to": list(roles)})
    return enact(actor.organization, [change], authority=_authority(circle, actor))


def reroute(circle: Role, role: Role, to: Role | None, *, actor: Person) -> Enacted:
    """Let a circle lead route what refers from outside to the circle, or to a role in it, to another role in it
    (§1.4.4); ``to`` None ends that. No change of governance: it goes on the record as the circle lead's act.

    Raises RuleBroken (§1.4.4) for anybody else and for roles of other circles.
    """
    route = Structure.of(circle.organization_id).get(RouteRow, derived_id(circle.id, "route", role.id))
    change = Reroute(circle.id, role.id, route.to if route else None, to.id if to else None)
    return enact(actor.organization, [change], authority=_authority(circle, actor))
