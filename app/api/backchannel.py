"""What the provider asks of the program itself, without a browser between them."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from app.api.access import open_to_all
from app.api.csrf import from_a_program
from app.api.signed_in import NO_STORE
from app.errors import BadInput
from app.integrations.identity import identity_provider
from app.services import accounts
from app.work import within

LONGEST_TOKEN = 64 * 1024

log = logging.getLogger(__name__)
router = APIRouter(prefix="/auth", include_in_schema=False)


@router.post("/backchannel-logout", dependencies=[open_to_all, from_a_program])
async def backchannel_logout(
    logout_token: Annotated[str, Form(max_length=LONGEST_TOKEN)] = "",
) -> Response:
    """Take the provider's word that a sign-in has ended (OpenID Connect Back-Channel Logout 1.0).

    Open to all, because what proves who asks is the signature of the token.
    """
    try:
        ended = await identity_provider().ended_session(logout_token=logout_token)
    except BadInput as problem:
        refused = {"error": "invalid_request", "error_description": problem.sentence}
        return JSONResponse(refused, status_code=400, headers=NO_STORE)
    number = await run_in_threadpool(within, accounts.sign_out_at_provider, ended=ended)
    log.info("The provider ended %d sessions", number)
    return Response(headers=NO_STORE)
