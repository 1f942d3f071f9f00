"""What roles, policies and people are called, whether they are still there or not."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from circles.constitution import CONSTITUTIONAL_ROLES
from circles.models import Domain, Policy, Role
from people.models import Organization, Person


class NameBook:
    """Looks up names of one organization's roles, policies and people, and remembers them.

    ``add`` names what is not in the tables: roles and policies that a draft would add.
    """

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self._roles: dict[str, str] = {}
        self._policies: dict[str, str] = {}
        self._people: dict[str, str] = {}
        self._domains: dict[str, str] = {}

    def add(
        self,
        *,
        roles: dict[str, str] | None = None,
        policies: dict[str, str] | None = None,
        domains: dict[str, str] | None = None,
    ) -> None:
        self._roles |= roles or {}
        self._policies |= policies or {}
        self._domains |= domains or {}

    def branch(self) -> NameBook:
        """A book that begins with these names; what it is told later stays there."""
        other = NameBook(self.organization)
        other._roles, other._policies = dict(self._roles), dict(self._policies)
        other._people, other._domains = dict(self._people), dict(self._domains)
        return other

    def learn(
        self,
        *,
        roles: Iterable[str] = (),
        policies: Iterable[str] = (),
        people: Iterable[str] = (),
        domains: Iterable[str] = (),
    ) -> None:
        """Read the names of many at once, in one query each."""
        wanted = {i for i in roles if i} - self._roles.keys()
        if wanted:
            found = Role.objects.filter(organization=self.organization, pk__in=wanted)
            for role_id, kind, name, circle in found.values_list("pk", "kind", "name", "circle__name"):
                if kind in CONSTITUTIONAL_ROLES:
                    core = str(CONSTITUTIONAL_ROLES[kind].name)
                    self._roles[role_id] = _("%(role)s of %(circle)s") % {"role": core, "circle": circle}
                else:
                    self._roles[role_id] = name
        wanted = {i for i in policies if i} - self._policies.keys()
        if wanted:
            self._policies |= dict(
                Policy.objects.filter(organization=self.organization, pk__in=wanted).values_list(
                    "pk", "title"
                )
            )
        wanted = {i for i in people if i} - self._people.keys()
        if wanted:
            self._people |= dict(
                Person.objects.filter(organization=self.organization, pk__in=wanted).values_list("pk", "name")
            )

        wanted = {i for i in domains if i} - self._domains.keys()
        if wanted:
            self._domains |= dict(
                Domain.objects.filter(organization=self.organization, pk__in=wanted).values_list("pk", "text")
            )

    def role(self, role_id: str | None) -> str:
        if role_id and role_id not in self._roles:
            self.learn(roles=[role_id])
        return self._roles.get(role_id or "", _("a role that is not there"))

    def policy(self, policy_id: str | None) -> str:
        if policy_id and policy_id not in self._policies:
            self.learn(policies=[policy_id])
        return self._policies.get(policy_id or "", _("a policy that is not there"))

    def person(self, person_id: str | None) -> str:
        if person_id and person_id not in self._people:
            self.learn(people=[person_id])
        return self._people.get(person_id or "", _("somebody who was erased"))

    def domain(self, domain_id: str | None) -> str:
        if domain_id and domain_id not in self._domains:
            self.learn(domains=[domain_id])
        return self._domains.get(domain_id or "", _("a domain that is not there"))
