"""Who there is: accounts that sign in, organizations, and the people of each organization."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from people.fields import IdField, PlainCharField

# Addresses that the program needs for itself
RESERVED_SLUGS = frozenset(
    {
        *(
            "accounts",
            "admin",
            "api",
            "constitution",
            "demo",
            "docs",
            "favicon",
            "healthz",
            "help",
            "invitations",
        ),
        *("live", "media", "new", "organizations", "robots", "sign-in", "sign-out", "static"),
    }
)


def validate_zone(value: str) -> None:
    """Refuse what is not an IANA time zone name, such as ``Europe/Berlin``."""
    if value not in available_timezones():
        raise ValidationError(
            _("“%(value)s” is not a time zone. Choose one such as Europe/Berlin."), params={"value": value}
        )


def validate_slug_not_reserved(value: str) -> None:
    """Refuse organization slugs that the program's own addresses need."""
    if value in RESERVED_SLUGS:
        raise ValidationError(
            _("“%(value)s” is an address the program needs. Choose another."), params={"value": value}
        )


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Somebody who can sign in. One account may be a person in several organizations."""

    id = IdField(primary_key=True)
    email = models.EmailField(_("e-mail address"), unique=True, max_length=254)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    # Nobody has rights by a flag on the account: what somebody may do follows from who they are in an
    # organization (access.py). Libraries that ask get these answers.
    is_staff = False
    is_superuser = False

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="account_email_any_case"),)

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)


class Organization(models.Model):
    """An organization and its circle structure, which nobody outside it can see."""

    id = IdField(primary_key=True)
    slug = PlainCharField(
        max_length=40,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9](-?[a-z0-9])*$",
                _("Use small letters, digits and single hyphens, such as northwind-outfitters."),
            ),
            validate_slug_not_reserved,
        ],
    )
    name = models.CharField(max_length=120)
    zone = PlainCharField(max_length=64, default="Europe/Berlin", validators=[validate_zone])
    created_at = models.DateTimeField(default=timezone.now)
    ratifiers = models.JSONField(
        default=list, blank=True, help_text="Names of those who adopt the Constitution (preamble, §1.3.3)."
    )
    adopted_at = models.DateTimeField(
        null=True, blank=True, help_text="When the ratifiers declared adoption."
    )

    def __str__(self) -> str:
        return self.name

    def unique_error_message(
        self, model_class: type[models.Model], unique_check: Sequence[str]
    ) -> ValidationError:
        """Say that the address is taken: Django's own message speaks of a “Slug”."""
        if tuple(unique_check) == ("slug",):
            return ValidationError(_("This address is taken. Choose another."), code="unique")
        return super().unique_error_message(model_class, unique_check)

    @property
    def is_set_up(self) -> bool:
        """Whether the ratifiers have declared adoption; until then the structure is being set up (§1.3.3)."""
        return self.adopted_at is not None

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class PersonQuerySet(models.QuerySet["Person"]):
    def present(self) -> PersonQuerySet:
        """Those who have been admitted and have not departed."""
        return self.filter(since__isnull=False, until__isnull=True)

    def partners(self) -> PersonQuerySet:
        return self.present().filter(partner=True)


class Person(models.Model):
    """Somebody in one organization: a partner, or somebody who only fills roles without being one.

    ``partner``, ``since`` and ``until`` (decision numbers) belong to the record and are written by
    ``governance.enact`` alone. The name and the address do not: erasing somebody must not break the record.
    """

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="people")
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="people"
    )
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True, max_length=254)
    zone = PlainCharField(max_length=64, blank=True, validators=[validate_zone])
    admin = models.BooleanField(default=False)
    partner = models.BooleanField(default=False)
    since = models.PositiveIntegerField(null=True, blank=True, editable=False)
    until = models.PositiveIntegerField(null=True, blank=True, editable=False)
    agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When this person agreed to the Constitution (preamble)."
    )
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint("organization", "account", name="person_account_once"),
            models.UniqueConstraint(
                "organization", Lower("email"), condition=~models.Q(email=""), name="person_email_once"
            ),
        )
        indexes = (models.Index(fields=["organization", "name"], name="person_by_name"),)

    def __str__(self) -> str:
        return self.name

    @property
    def present(self) -> bool:
        return self.since is not None and self.until is None

    @property
    def tz(self) -> ZoneInfo:
        """The zone this person reads times in: their own, else the organization's."""
        return ZoneInfo(self.zone or self.organization.zone)

    @property
    def ref(self) -> str:
        """The last part of this person's address: a readable name and the identifier."""
        return f"{slugify(self.name) or 'person'}-{self.id}"


class Absence(models.Model):
    """From which day until which somebody is away, in their own zone, both days included."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    said_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=["person", "last_day"], name="absence_of_person"),)

    def __str__(self) -> str:
        return f"{self.person_id} away until {self.last_day}"

    def covers(self, moment: dt.datetime) -> bool:
        """Tell whether ``moment`` (aware) lies in it; the person's zone decides when a day begins."""
        return self.first_day <= moment.astimezone(self.person.tz).date() <= self.last_day


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Invitation(models.Model):
    """A link that lets somebody become a person of an organization. Only its digest is kept."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    VALID_FOR = dt.timedelta(days=14)

    def __str__(self) -> str:
        return f"invitation of {self.person_id}"

    @classmethod
    def issue(cls, person: Person, *, invited_by: Person | None) -> tuple[Invitation, str]:
        """Create an invitation for ``person`` and return it with its secret, which is shown once."""
        secret = secrets.token_urlsafe(24)
        invitation = cls.objects.create(
            organization=person.organization,
            person=person,
            invited_by=invited_by,
            digest=_digest(secret),
            expires_at=timezone.now() + cls.VALID_FOR,
        )
        return invitation, secret

    @classmethod
    def find(cls, secret: str) -> Invitation | None:
        """Return the invitation with this secret if it can still be accepted."""
        return (
            cls.objects.select_related("organization", "person", "invited_by")
            .filter(
                digest=_digest(secret),
                accepted_at=None,
                revoked_at=None,
                expires_at__gt=timezone.now(),
                person__until=None,
            )
            .first()
        )


class ApiToken(models.Model):
    """A personal key for the API; it carries its owner's rights in one organization. Only its digest is kept."""

    id = IdField(primary_key=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label

    @classmethod
    def issue(cls, person: Person, *, label: str) -> tuple[ApiToken, str]:
        """Create a token for ``person`` and return it with its secret, which is shown once."""
        secret = "tns_" + secrets.token_urlsafe(30)
        token = cls.objects.create(
            organization=person.organization, person=person, label=label, digest=_digest(secret)
        )
        return token, secret

    @classmethod
    def find(cls, secret: str) -> ApiToken | None:
        """Return the token with this secret unless it was revoked or its owner has left."""
        return (
            cls.objects.select_related("person__organization", "person__account", "organization")
            .filter(digest=_digest(secret), revoked_at=None, person__since__isnull=False, person__until=None)
            .first()
        )
