"""People who sign in, and saved cases: what is held of a password, who has to wait, what a role may do."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from openrvu.cli import main
from openrvu.errors import BadInput, NotHeld
from openrvu.state import cases, users
from openrvu.state.database import State
from openrvu.state.schema import sessions
from openrvu.state.schema import users as table

RIGHT, WRONG = "correct horse battery", "wrong horse battery"


def test_a_password_and_a_session_are_held_as_hashes_alone(state: State) -> None:
    ann = users.add(state, " Ann ", RIGHT, "owner")
    token = users.sign_in(state, "ann", RIGHT)
    with state.read() as made:
        secret = made.execute(select(table.c.secret)).scalar() or ""
        key = made.execute(select(sessions.c.id)).scalar() or ""
    assert secret.startswith("$argon2id$") and RIGHT not in secret and token not in key
    assert users.of_session(state, token) == ann == users.User(ann.id, "ann", "owner")
    users.sign_out(state, token)
    assert users.of_session(state, token) is None and users.of_session(state, "nonsense") is None


def test_wrong_passwords_make_a_name_wait_and_say_nothing_of_it(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    users.add(state, "ann", RIGHT, "reader")
    told = []
    for name in ("nobody", *["ann"] * users.FREE_TRIES):
        with pytest.raises(BadInput) as fault:
            users.sign_in(state, name, WRONG)
        told.append(fault.value.what)
    assert set(told) == {"the name or the password is wrong"}
    with pytest.raises(BadInput, match="too many wrong passwords"):
        users.sign_in(state, "ann", RIGHT)
    monkeypatch.setattr(users, "now", lambda: "2999-01-01T00:00:00.000000Z")
    assert users.sign_in(state, "ann", RIGHT)


def test_a_new_password_ends_every_session(state: State) -> None:
    ann = users.add(state, "ann", RIGHT, "reader")
    token = users.sign_in(state, "ann", RIGHT)
    users.set_password(state, ann, "another long password")
    assert users.of_session(state, token) is None
    with pytest.raises(BadInput, match="is wrong"):
        users.sign_in(state, "ann", RIGHT)


@pytest.mark.parametrize(
    ("name", "password", "role", "says"),
    [
        ("", RIGHT, "reader", "1 to 64"),
        ("a b", RIGHT, "reader", "1 to 64"),
        ("bob", "short", "reader", "12 to 256"),
        ("bob", "x" * 300, "reader", "12 to 256"),
        ("bob", RIGHT, "king", "Roles: reader, analyst, owner"),
        ("ann", RIGHT, "reader", "is there already"),
    ],
)
def test_what_cannot_be_a_person(state: State, name: str, password: str, role: str, says: str) -> None:
    users.add(state, "ann", RIGHT, "reader")
    with pytest.raises(BadInput, match=says):
        users.add(state, name, password, role)


def test_a_case_is_opened_by_whoever_has_its_id_and_removed_by_its_owner(state: State) -> None:
    ann, bob = (users.add(state, name, RIGHT, "analyst") for name in ("ann", "bob"))
    saved = cases.save(state, "  Fusion   L4 ", {"services": "22633"}, ann.id)
    assert cases.get(state, saved.id).title == "Fusion L4"
    assert not cases.remove(state, saved.id, bob.id) and cases.remove(state, saved.id, ann.id)
    with pytest.raises(NotHeld, match="no such case"):
        cases.get(state, saved.id)
    with pytest.raises(BadInput, match="needs a title"):
        cases.save(state, " ", {})


def test_people_on_the_command_line() -> None:
    run = CliRunner().invoke
    assert run(main, ["user"]).output.startswith("Nobody yet")
    added = run(main, ["user", "add", "ann", "--role", "owner", "--password-stdin"], input=f"{RIGHT}\n")
    assert added.output == "ann may sign in as owner.\n"
    assert '"role": "owner"' in run(main, ["user", "--json"]).output
    assert run(main, ["user", "role", "ann", "reader"]).output == "ann is reader now.\n"
    short = run(main, ["user", "password", "ann", "--password-stdin"], input="short\n")
    assert short.exit_code == 1 and "12 to 256" in short.output
    assert run(main, ["user", "remove", "ann"]).output == "ann is removed.\n"
    assert run(main, ["user", "remove", "ann"]).exit_code == 1
