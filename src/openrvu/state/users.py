"""People who sign in: names, roles, passwords as argon2 hashes, sessions of which only a hash is held.

A name that is tried with wrong passwords has to wait, longer with each; an unknown name costs the same time as a known
one, so that neither tells whether it exists.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update

from openrvu.errors import BadInput
from openrvu.state.database import State, new_id, now
from openrvu.state.schema import sessions, users

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# What each may do: read and look up; bring files, price and save; load CMS's files for everyone.
ROLES = ("reader", "analyst", "owner")
SHORTEST, LONGEST, HOURS = 12, 256, 12
FREE_TRIES, WAIT_SECONDS, LONGEST_WAIT = 5, 15, 900
# Hashing takes 64 MiB each: only so many at a time, whoever asks.
_HASHING = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class User:
    """A person. role: one of ROLES."""

    id: str
    name: str
    role: str

    def may(self, role: str) -> bool:
        """Whether the person has this role or a higher one.

        >>> User("1", "ann", "analyst").may("reader"), User("1", "ann", "analyst").may("owner")
        (True, False)
        """
        return ROLES.index(self.role) >= ROLES.index(role)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"a password needs {SHORTEST} to {LONGEST} characters", fix="Four or five words do well")
    with _HASHING:
        return _hasher().hash(password)


def add(state: State, name: str, password: str, role: str) -> User:
    """A new person. Raises BadInput for a name that is taken or none, a role that is none, a short password."""
    name = name.strip().lower()
    if role not in ROLES:
        raise BadInput(f"no role is called {role!r}", exists=f"Roles: {', '.join(ROLES)}")
    if not 1 <= len(name) <= 64 or not all(one.isalnum() or one in "._-@" for one in name):
        raise BadInput("a name has 1 to 64 letters, digits, or . _ - @", fix="Choose another")
    secret, key = _hashed(password), new_id()
    with state.begin() as made:
        if made.execute(select(users.c.id).where(users.c.name == name)).first():
            raise BadInput(f"{name} is there already", fix="`openrvu user password` sets a new password")
        row = {"id": key, "name": name, "role": role, "secret": secret, "created_at": now()}
        made.execute(insert(users).values(row))
    return User(key, name, role)


def listed(state: State) -> tuple[User, ...]:
    """Everyone, by name."""
    with state.read() as made:
        rows = made.execute(select(users.c.id, users.c.name, users.c.role).order_by(users.c.name)).all()
    return tuple(User(*row) for row in rows)


def count(state: State) -> int:
    """How many people may sign in."""
    with state.read() as made:
        return made.execute(select(func.count()).select_from(users)).scalar() or 0


def named(state: State, name: str) -> User:
    """A person by name. Raises BadInput."""
    found = next((one for one in listed(state) if one.name == name.strip().lower()), None)
    if found is None:
        raise BadInput(f"nobody is called {name}", exists=", ".join(one.name for one in listed(state)) or "Nobody yet")
    return found


def set_password(state: State, user: User, password: str) -> None:
    """A new password; every session of the person ends."""
    secret = _hashed(password)
    with state.begin() as made:
        values = {"secret": secret, "failures": 0, "locked_until": ""}
        made.execute(update(users).where(users.c.id == user.id).values(values))
        made.execute(delete(sessions).where(sessions.c.user_id == user.id))


def set_role(state: State, user: User, role: str) -> None:
    """Another role. Raises BadInput."""
    if role not in ROLES:
        raise BadInput(f"no role is called {role!r}", exists=f"Roles: {', '.join(ROLES)}")
    with state.begin() as made:
        made.execute(update(users).where(users.c.id == user.id).values(role=role))


def remove(state: State, user: User) -> None:
    """A person gone, with cases, studies and sessions. Files that were brought go first: see `uploads.remove`."""
    from openrvu.state import uploads

    for purpose in ("claims", "cms", "survey"):
        for one in uploads.listed(state, purpose, user.id):
            uploads.remove(state, one.id)
    with state.begin() as made:
        made.execute(delete(users).where(users.c.id == user.id))


def sign_in(state: State, name: str, password: str) -> str:
    """The token of a new session. Raises BadInput, in the same words whatever was wrong, or with the time to wait."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    name = name.strip().lower()
    with state.read() as made:
        row = made.execute(select(users).where(users.c.name == name)).mappings().first()
    if row and row["locked_until"] > now():
        raise BadInput("too many wrong passwords for this name", fix="Wait some minutes, then try again")
    with _HASHING:
        try:
            right = _hasher().verify(row["secret"] if row else _nobody(), password[:LONGEST]) and row is not None
        except (Argon2Error, InvalidHashError):
            right = False
    if not right or row is None:
        if row:
            _missed(state, row["id"])
        raise BadInput("the name or the password is wrong", fix="Whoever runs this server can set a new one")
    return _session(state, row["id"])


def _missed(state: State, key: str) -> None:
    with state.begin() as made:
        failures = (made.execute(select(users.c.failures).where(users.c.id == key)).scalar() or 0) + 1
        wait = min(WAIT_SECONDS * 2 ** (failures - FREE_TRIES), LONGEST_WAIT) if failures >= FREE_TRIES else 0
        until = _later(timedelta(seconds=wait)) if wait else ""
        made.execute(update(users).where(users.c.id == key).values(failures=failures, locked_until=until))


def _later(span: timedelta) -> str:
    return (datetime.now(UTC) + span).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _session(state: State, user_id: str) -> str:
    token = secrets.token_urlsafe(32)
    row = {"id": _digest(token), "user_id": user_id, "created_at": now(), "ends_at": _later(timedelta(hours=HOURS))}
    with state.begin() as made:
        made.execute(update(users).where(users.c.id == user_id).values(failures=0, locked_until=""))
        made.execute(delete(sessions).where(sessions.c.ends_at < now()))
        made.execute(insert(sessions).values(row))
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def of_session(state: State, token: str) -> User | None:
    """Who a session belongs to; None for one that has ended or never was."""
    wanted = (
        select(users.c.id, users.c.name, users.c.role)
        .join(sessions, sessions.c.user_id == users.c.id)
        .where(sessions.c.id == _digest(token), sessions.c.ends_at > now())
    )
    with state.read() as made:
        row = made.execute(wanted).first()
    return User(*row) if row else None


def sign_out(state: State, token: str) -> None:
    """End a session."""
    with state.begin() as made:
        made.execute(delete(sessions).where(sessions.c.id == _digest(token)))
