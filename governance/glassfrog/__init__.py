"""Reads a folder with the bodies of GlassFrog's API v3 into plain rows. No database, no network.

A folder holds ``circles.json``, ``roles.json``, ``people.json`` and ``assignments.json``, each the body of
one answer, or a list of such bodies (pages), or a bare list of objects. In GlassFrog a circle is a role seen
from above: the role that *supports* it. Accountabilities and domains stand beside the roles, policies beside
the circles. The four core roles are roles of their own; their definitions are the Constitution's and are not
read. A Lead Link is whoever fills the supporting role, so those assignments are stored once, there (§1.4).

Whatever cannot be read, or refers to nothing, is listed with its file and number; the rest is read.
"""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from governance.glassfrog.folder import folder_digest
from governance.glassfrog.reader import Reader
from governance.glassfrog.rows import (
    CoreKind,
    FolderUnreadable,
    Problem,
    ReadAssignment,
    ReadCircle,
    Reading,
    ReadPerson,
    ReadPolicy,
    ReadRole,
    ReadText,
)

__all__ = [
    "CoreKind",
    "FolderUnreadable",
    "Problem",
    "ReadAssignment",
    "ReadCircle",
    "ReadPerson",
    "ReadPolicy",
    "ReadRole",
    "ReadText",
    "Reading",
    "folder_digest",
    "read_folder",
]


def read_folder(path: Path) -> Reading:
    """Read the folder at ``path``.

    Raises ``FolderUnreadable`` where there is no folder, no readable circle or role, or no anchor circle;
    everything less than that is listed in the result.
    """
    if not path.is_dir():
        raise FolderUnreadable(_("There is no folder “%(path)s”.") % {"path": path})
    try:
        return Reader(path).read()
    except RecursionError:
        raise FolderUnreadable(_("“%(path)s” is nested too deeply to be read.") % {"path": path}) from None
