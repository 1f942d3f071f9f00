"""What happens to accounts: somebody who can sign in, whatever organizations they belong to."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from people.models import Account
from people.refusals import Malformed

PASSWORD_LENGTH = 200


def create_account(*, email: str, password: str) -> Account:
    """Create an account that signs in with ``email`` and ``password``, and return it.

    Raises Malformed, at ``email`` or ``password``, where the address is none or is taken, or the password is too
    weak (Django's validators) or too long to be looked at.
    """
    email = email.strip().lower()
    try:
        if len(email) > 254:
            raise ValidationError(_("This address is too long."))
        validate_email(email)
    except ValidationError as error:
        raise Malformed(error.messages[0], field="email") from error
    if len(password) > PASSWORD_LENGTH:
        message = _("A password has at most %(most)d characters.")
        raise Malformed(message % {"most": PASSWORD_LENGTH}, field="password")
    try:
        validate_password(password, Account(email=email))
    except ValidationError as error:
        raise Malformed(" ".join(error.messages), field="password") from error
    try:
        with transaction.atomic():
            return Account.objects.create_user(email, password)
    except IntegrityError as error:
        message = _("There is an account with this address already. Sign in with it.")
        raise Malformed(message, field="email") from error
