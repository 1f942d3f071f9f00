"""The cast that the tests share, built through the same actions as everything else.

Northwind is an outdoor shop. Storefront and Customer Love are circles in it. Ines leads the anchor circle and
Storefront; Noor facilitates Storefront, Tobias is its secretary, Maya its rep and its copywriter; Priya is the
merchandiser, Samira the photographer; Hana leads Customer Love, where Callum supports. Otto is not a partner.
Lea is a partner without a role. Greta belongs to another organization altogether, Meltwater.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from circles.constitution import CIRCLE_REP, FACILITATOR, SECRETARY
from circles.models import Role
from governance.actions import set_up
from governance.changes import AddRole, Assign, Change, NewLine
from people.ids import derived_id, new_id
from people.models import Account, Organization, Person
from tests.staging import staged

PASSWORD = "wool-socks-and-rain"


@dataclass
class World:
    """Everybody and everything, by name."""

    organization: Organization
    people: dict[str, Person] = field(default_factory=dict)
    role_ids: dict[str, str] = field(default_factory=dict)
    outsider: Person | None = None

    def __getattr__(self, name: str) -> Person:
        people: dict[str, Person] = self.__dict__.get("people", {})
        try:
            return people[name]
        except KeyError:
            raise AttributeError(name) from None

    def role(self, key: str) -> Role:
        return Role.objects.select_related("organization", "circle").get(pk=self.role_ids[key])


CAST = {
    "ines": "Ines Calloway",
    "maya": "Maya Lindqvist",
    "noor": "Noor Haddad",
    "tobias": "Tobias Renner",
    "hana": "Hana Mori",
    "priya": "Priya Venkat",
    "samira": "Samira Osei",
    "callum": "Callum Birch",
    "lea": "Lea Brandt",
    "otto": "Otto Falk",
}

ROLES = {
    "storefront": ("anchor", "Storefront", "People find the right gear the first time"),
    "love": ("anchor", "Customer Love", "Nobody is left alone with a question"),
    "finance": ("anchor", "Finance", "Bills are paid and money is understood"),
    "copywriter": ("storefront", "Copywriter & Storyteller", "Words that make people want to go outside"),
    "merchandiser": ("storefront", "Merchandiser", "The right range in front of the right people"),
    "photo": ("storefront", "Photo Desk", "Pictures that show how gear is used"),
    "checkout": ("storefront", "Checkout Experience", "Nobody gives up between basket and thank-you"),
    "catalogue": ("storefront", "Catalogue Steward", "Every product described once, correctly"),
    "sizes": ("storefront", "Size & Fit Guide", "Half as many parcels come back because of size"),
    "support": ("love", "Technical Support", "Gear works again the same day"),
    "help": ("love", "Help Centre Author", "Answers that people find by themselves"),
}

FILLED = {
    "storefront": ["ines"],
    "love": ["hana"],
    "copywriter": ["maya"],
    "merchandiser": ["priya"],
    "photo": ["samira"],
    "checkout": ["noor"],
    "catalogue": ["tobias"],
    "support": ["callum"],
    "help": ["maya"],
    "finance": ["otto"],
}

ACCOUNTABILITIES = {
    "copywriter": ["Writing product and campaign copy", "Keeping the voice guide current"],
    "sizes": ["Answering questions about fit from other roles"],
}
DOMAINS = {"copywriter": ["Voice guide"]}


@staged
def build(*, adopted: bool = True, time_limit: int | None = 3) -> World:
    """Found Northwind, fill it and, unless told otherwise, adopt the Constitution."""
    account = Account.objects.create_user("ines@northwind.example", PASSWORD)
    ines = set_up.found_organization(
        name="Northwind Outfitters",
        slug="northwind",
        zone="Europe/Berlin",
        ratifiers=["Ines Calloway", "Hana Mori"],
        purpose="People and places stay well together",
        founder_name=CAST["ines"],
        account=account,
        time_limit=time_limit,
    )
    world = World(ines.organization, {"ines": ines})
    world.role_ids["anchor"] = Role.objects.get(organization=world.organization, circle=None).id
    for key, name in CAST.items():
        if key != "ines":
            person = set_up.admit_person(
                actor=ines, name=name, email=f"{key}@northwind.example", partner=key != "otto"
            )
            invitation, _secret = set_up.invite(person, actor=ines)
            account = Account.objects.create_user(f"{key}@northwind.example", PASSWORD)
            world.people[key] = set_up.accept_invitation(invitation, account=account)
    changes: list[Change] = []
    for key, (circle, name, purpose) in ROLES.items():
        world.role_ids[key] = new_id()
        lines = tuple(NewLine(new_id(), text) for text in ACCOUNTABILITIES.get(key, ()))
        domains = tuple(NewLine(new_id(), text, internal=True) for text in DOMAINS.get(key, ()))
        changes.append(AddRole(world.role_ids[key], world.role_ids[circle], name, purpose, lines, domains))
    for key, fillers in FILLED.items():
        changes += [Assign(new_id(), world.role_ids[key], world.people[p].id) for p in fillers]
    storefront = world.role_ids["storefront"]
    for kind, holder in ((FACILITATOR, "noor"), (SECRETARY, "tobias"), (CIRCLE_REP, "maya")):
        world.role_ids[f"storefront.{kind}"] = derived_id(storefront, kind)
        changes.append(
            Assign(new_id(), derived_id(storefront, kind), world.people[holder].id, "", "2027-09-30")
        )
    set_up.edit_structure(changes, actor=ines, reason="First structure")
    if adopted:
        set_up.declare_adoption(actor=ines)
        world.organization.refresh_from_db()
    greta_account = Account.objects.create_user("greta@meltwater.example", PASSWORD)
    world.outsider = set_up.found_organization(
        name="Meltwater",
        slug="meltwater",
        zone="Europe/Oslo",
        ratifiers=["Greta Dahl"],
        purpose="Clean water",
        founder_name="Greta Dahl",
        account=greta_account,
    )
    for person in world.people.values():
        person.refresh_from_db()
        person.organization = world.organization
    return world
