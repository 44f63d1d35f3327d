"""Signing in and out, where the server is reached by others."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from openrvu import state
from openrvu.errors import BadInput
from openrvu.web.forms import fields_of, form_page
from openrvu.web.signing import COOKIE, back_to
from openrvu.web.stateful import state_of

router = APIRouter()
BOTH = ["GET", "HEAD"]
Fields = Annotated[dict[str, str], Depends(fields_of)]


def _form(request: Request, to: str, fault: str = "", name: str = "", status: int = 200) -> Response:
    data = {"title": "Sign in", "to": back_to(to), "fault": fault, "name": name}
    return form_page(request, "sign_in.html", data, status=status)


@router.api_route("/sign-in", methods=BOTH)
def form(request: Request) -> Response:
    """The form."""
    return _form(request, request.query_params.get("to", "/"))


@router.post("/sign-in")
def sign_in(request: Request, sent: Fields) -> Response:
    """Begin a session."""
    name = sent.get("name", "")
    try:
        token = state.users.sign_in(state_of(request), name, sent.get("password", ""))
    except BadInput as fault:
        return _form(request, sent.get("to", "/"), str(fault), name[:64], 422)
    made = RedirectResponse(back_to(sent.get("to", "/")), status_code=303)
    secure = request.url.scheme == "https"
    made.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, max_age=state.users.HOURS * 3600)
    return made


@router.api_route("/sign-out", methods=BOTH)
def leaving(request: Request) -> Response:
    """The button: a link alone must not end a session."""
    return form_page(request, "sign_out.html", {"title": "Sign out"})


@router.post("/sign-out")
def sign_out(request: Request, sent: Fields) -> Response:
    """End the session."""
    state.users.sign_out(state_of(request), request.cookies.get(COOKIE, ""))
    made = RedirectResponse("/sign-in", status_code=303)
    made.delete_cookie(COOKIE)
    return made
