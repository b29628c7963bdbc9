"""Signing in with one's organisation: OpenID Connect's authorization code flow (Core section 3.1) with PKCE (RFC 7636).

An account is tied to the provider's name for its owner (issuer and subject), never to an address alone: an address that
the provider later gives to somebody else leads to nobody's account. Only while there is no such tie does an address
count, and only one that the provider calls verified.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from sqlalchemy import bindparam, insert, select

from sesstim_caldav.accounts import audit
from sesstim_caldav.accounts.accounts import Accounts
from sesstim_caldav.accounts.address import AddressRefused, institutional_address
from sesstim_caldav.accounts.secret import secret_hash
from sesstim_caldav.accounts.throttle import Throttle
from sesstim_caldav.accounts.vouching import welcome
from sesstim_caldav.settings import Settings, secret_in
from sesstim_caldav.store import Account, Store
from sesstim_caldav.store.account import ACCOUNT, account_of
from sesstim_caldav.store.database import Change, Session, Statement, storable
from sesstim_caldav.store.schema import accounts as accounts_table
from sesstim_caldav.store.schema import identities, links

CALLBACK = "/login/organisation/callback"
"""Where the provider sends the browser back to, under `base_url`."""
PATIENCE = 5
"""Seconds that one answer of the provider may take."""
FRESH = 3600
"""Seconds for which what the provider says of itself, and its keys, are believed without asking again."""
PAUSE = 10
"""Seconds after a failure, or after new keys were fetched, in which the provider is not asked again."""
SKEW = 60
"""Seconds by which the provider's clock may differ."""
ERRAND = 600
"""Seconds within which a browser has to come back."""

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_LONGEST = 255  # of a subject (OIDC Core section 2)

_KNOWN = Statement(
    select(*ACCOUNT)
    .select_from(identities.join(accounts_table, accounts_table.c.id == identities.c.account))
    .where(identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject"))
)
_TIED_ALREADY = Statement(
    select(identities.c.subject).where(
        identities.c.issuer == bindparam("issuer"), identities.c.account == bindparam("account")
    )
)
_TIED = Statement(insert(identities).values({c.name: bindparam(c.name) for c in identities.c}))
_DONE = Statement(insert(links).values({c.name: bindparam(c.name) for c in links.c}))


class Reason(StrEnum):
    """Why somebody is not signed in by the organisation."""

    UNREACHABLE = "the provider does not answer"
    DECLINED = "the provider declined"
    STALE = "the errand is another browser's, over or done"
    UNTRUSTED = "the provider's word cannot be trusted"
    EXPIRED = "the provider's word is too old"
    NO_ADDRESS = "no address"
    UNVERIFIED = "an unverified address"
    FOREIGN = "a foreign domain"
    TAKEN = "the address is somebody else's account"
    DISABLED = "the account is disabled"


class OrganisationRefused(Exception):
    """Nobody is signed in; `reason` says why, `detail` what exactly, for the log (no secrets)."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Errand:
    """What a browser is sent to the provider with, and must come back with. It is the browser's own secret."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider says it is; `address` is "" where it names none, `verified` that it has made sure of it."""

    subject: str
    address: str
    verified: bool
    first_name: str
    last_name: str
    language: str | None


class Provider:
    """What an identity provider says of itself, asked for at its well-known address and remembered for a while."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._lock = threading.Lock()
        self._about: Mapping[str, Any] = {}
        self._keys: Mapping[str, Any] = {}
        self._about_until = self._keys_until = 0.0
        self._not_before = 0.0

    def about(self) -> Mapping[str, Any]:
        """The discovery document (OIDC Discovery section 4). Raises `OrganisationRefused` (UNREACHABLE)."""
        with self._lock:
            if time.monotonic() >= self._about_until:
                found = self._ask(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                if str(found.get("issuer")).rstrip("/") != self.issuer.rstrip("/"):
                    raise OrganisationRefused(Reason.UNREACHABLE, f"{self.issuer} calls itself {found.get('issuer')!r}")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    self._checked(found.get(name), name)
                self._about, self._about_until = found, time.monotonic() + FRESH
            return self._about

    def keys(self, *, anew: bool = False) -> KeySet:
        """The keys that the provider signs with; `anew`: it seems to have others by now."""
        address = self.about()["jwks_uri"]
        with self._lock:
            now = time.monotonic()
            rotated = anew and now >= self._keys_until - FRESH + PAUSE
            if now >= self._keys_until or rotated:
                self._keys, self._keys_until = self._ask(address), now + FRESH
            try:
                return KeySet.import_key_set(self._keys)  # type: ignore[arg-type]
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise OrganisationRefused(Reason.UNREACHABLE, f"unreadable keys: {error!r}") from error

    def claims(self, token: str) -> Mapping[str, Any]:
        """What the provider says of an access token's owner (OIDC Core section 5.3); nothing where it says nothing."""
        address = self.about().get("userinfo_endpoint")
        if not address:
            return {}
        self._checked(address, "userinfo_endpoint")
        return self._get(address, {"Authorization": f"Bearer {token}"})

    def _ask(self, address: str) -> Mapping[str, Any]:
        """Fetches a document, under the lock; for some seconds after a failure nobody else waits for another one."""
        if time.monotonic() < self._not_before:
            raise OrganisationRefused(Reason.UNREACHABLE, f"{address} did not answer a moment ago")
        try:
            return self._get(address, {})
        except OrganisationRefused:
            self._not_before = time.monotonic() + PAUSE
            raise

    def _get(self, address: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            answer = requests.get(address, headers=headers, timeout=PATIENCE, allow_redirects=False)
            if answer.status_code != 200:
                raise OrganisationRefused(Reason.UNREACHABLE, f"{address} answers {answer.status_code}")
            document = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise OrganisationRefused(Reason.UNREACHABLE, f"{address}: {type(error).__name__}") from error
        if not isinstance(document, dict):
            raise OrganisationRefused(Reason.UNREACHABLE, f"{address} answers no JSON object")
        return document

    def _checked(self, address: object, name: str) -> None:
        """An https provider leads nowhere else."""
        wanted = ("https",) if self.issuer.startswith("https:") else ("https", "http")
        if not isinstance(address, str) or urlsplit(address).scheme not in wanted:
            raise OrganisationRefused(Reason.UNREACHABLE, f"{name} is {address!r}")


class Organisation:
    """Signing in with the organisation of the configuration. Methods may be called from any thread."""

    def __init__(self, store: Store, settings: Settings, accounts: Accounts) -> None:
        self.store = store
        self.settings = settings
        self.accounts = accounts
        self.provider = Provider(settings.organisation.issuer)
        self._throttle = Throttle(store, settings.sign_in)

    @property
    def offered(self) -> bool:
        """Whether the configuration names a provider."""
        return bool(self.settings.organisation.issuer)

    def begin(self) -> tuple[str, Errand]:
        """Where to send a browser, and what it must come back with. Raises `OrganisationRefused`."""
        errand = Errand(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self.provider.about()["authorization_endpoint"],
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return str(address), errand

    def finish(self, errand: Errand, answer: Mapping[str, str], client: str = "", now: int | None = None) -> Account:
        """The account of whoever comes back from an errand with the provider's answer (its query parameters).

        `client` is the IP address that asks, `now` in UTC epoch seconds. Raises `OrganisationRefused`, `TooManyGuesses`
        where one client comes too often, and `StoreUnavailable`.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), errand.state.encode()):
            raise OrganisationRefused(Reason.STALE, "another state")
        moment = int(time.time()) if now is None else now
        self._throttle.charge(self._throttle.returning(client), moment)
        self._once(errand, moment)
        if "iss" in answer and answer["iss"].rstrip("/") != self.provider.issuer.rstrip("/"):  # RFC 9207
            raise OrganisationRefused(Reason.UNTRUSTED, f"the answer is of {answer['iss'][:200]!r}")
        if "error" in answer:
            raise OrganisationRefused(Reason.DECLINED, repr(answer["error"][:200]))
        identity = self._identity(errand, answer.get("code", ""))
        account = self._account(identity, moment)
        self.accounts.recognise(account, client, moment)
        return account

    def _once(self, errand: Errand, now: int) -> None:
        """Uses an errand up: until it is over anyway, a note stands where mailed links do, which work once as well."""
        values = {
            "hash": secret_hash(errand.state, self.store.secret, "errand"),
            "purpose": "errand",
            "account": None,
            "address": "",
            "payload": "{}",
            "created": now,
            "expires": now + ERRAND,
        }
        try:
            with self.store.changing() as change:
                change.session.run(_DONE, values)
        except self.store.database.conflicts as error:
            raise OrganisationRefused(Reason.STALE, "the state was used before") from error

    # -- what the provider says

    def _session(self) -> OAuth2Session:
        configured = self.settings.organisation
        secret = secret_in(configured.client_secret_file)
        methods = self.provider.about().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        posted = "client_secret_basic" not in methods and "client_secret_post" in methods
        return OAuth2Session(
            configured.client_id,
            secret or None,
            token_endpoint_auth_method=("client_secret_post" if posted else "client_secret_basic")
            if secret
            else "none",
            scope=" ".join(configured.scopes),
            redirect_uri=self.settings.site.base_url + CALLBACK,
            code_challenge_method="S256",
        )

    def _identity(self, errand: Errand, code: str) -> Identity:
        if not code:
            raise OrganisationRefused(Reason.DECLINED, "no code")
        token = self._token(errand, code)
        claims = self._verified(token, errand.nonce)
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject or len(subject) > _LONGEST or not storable(subject):
            raise OrganisationRefused(Reason.UNTRUSTED, "no subject")
        if "email" not in claims and token.get("access_token"):
            more = self.provider.claims(str(token["access_token"]))
            if more and more.get("sub") != subject:  # OIDC Core section 5.3.2
                raise OrganisationRefused(Reason.UNTRUSTED, "the user info is of another subject")
            claims = {**more, **claims}
        return _identity(subject, claims)

    def _token(self, errand: Errand, code: str) -> Mapping[str, Any]:
        try:
            with self._session() as session:
                token = session.fetch_token(
                    self.provider.about()["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=errand.verifier,
                    timeout=PATIENCE,
                    allow_redirects=False,
                )
        except AuthlibBaseError as error:
            raise OrganisationRefused(Reason.DECLINED, f"no token: {error.error!r}") from error
        except (requests.RequestException, ValueError) as error:
            raise OrganisationRefused(Reason.UNREACHABLE, f"token: {type(error).__name__}") from error
        if not isinstance(token, dict) or not isinstance(token.get("id_token"), str):
            raise OrganisationRefused(Reason.UNTRUSTED, "no ID token")
        return token

    def _verified(self, token: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that is the provider's, for us, for this errand and still valid (Core 3.1.3.7)."""
        client_id = self.settings.organisation.client_id
        wanted: dict[str, Any] = {
            "iss": {"essential": True, "values": [self.provider.about()["issuer"]]},
            "aud": {"essential": True, "value": client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True, "value": nonce},
        }
        known = {"nonce": nonce, "client_id": client_id, "access_token": token.get("access_token")}
        try:
            decoded = self._decoded(token["id_token"])
            claims = CodeIDToken(decoded.claims, decoded.header, wanted, known)
            claims.validate(leeway=SKEW)
        except ExpiredTokenError as error:
            raise OrganisationRefused(Reason.EXPIRED) from error
        except (JoseError, ValueError, TypeError) as error:
            raise OrganisationRefused(Reason.UNTRUSTED, f"{type(error).__name__}: {error}") from error
        return dict(claims)

    def _decoded(self, token: str) -> jwt.Token:
        offered = self.provider.about().get("id_token_signing_alg_values_supported") or ["RS256"]
        algorithms = [name for name in _ALGORITHMS if name in offered]
        try:
            return jwt.decode(token, self.provider.keys(), algorithms=algorithms)
        except (InvalidKeyIdError, BadSignatureError):
            return jwt.decode(token, self.provider.keys(anew=True), algorithms=algorithms)

    # -- whose account that is

    def _account(self, identity: Identity, now: int) -> Account:
        tie = {"issuer": self.provider.issuer, "subject": identity.subject}
        with self.store.reading() as reading:
            account = _known(reading.session, tie)
        if account is None:
            address = self._address(identity)
            try:
                with self.store.changing() as change:
                    account = self._tied(change, tie, identity, address, now)
            except self.store.database.conflicts:  # the same person in another tab at the same moment
                with self.store.changing() as change:
                    account = _known(change.session, tie) or self._tied(change, tie, identity, address, now)
        if not account.active:
            raise OrganisationRefused(Reason.DISABLED, account.email)
        if not self.settings.institutional(account.email):
            raise OrganisationRefused(Reason.FOREIGN, account.email)
        return account

    def _address(self, identity: Identity) -> str:
        if not identity.address:
            raise OrganisationRefused(Reason.NO_ADDRESS, f"subject {identity.subject}")
        if not identity.verified:
            raise OrganisationRefused(Reason.UNVERIFIED, f"subject {identity.subject}")
        try:
            return institutional_address(identity.address, self.settings.accounts.domains)
        except AddressRefused as error:
            raise OrganisationRefused(Reason.FOREIGN, f"subject {identity.subject}: {error.reason}") from error

    def _tied(self, change: Change, tie: Mapping[str, str], identity: Identity, address: str, now: int) -> Account:
        """Ties an identity to the account of its address, which is made if there is none."""
        account = self.accounts.holder(change, address)
        if account is None:
            account = welcome(
                self.accounts,
                change,
                address,
                identity.first_name,
                identity.last_name,
                by=self.provider.issuer,
                now=now,
                language=identity.language,
            )
        elif not account.active:
            raise OrganisationRefused(Reason.DISABLED, account.email)
        elif change.session.one(_TIED_ALREADY, {"issuer": tie["issuer"], "account": account.id}):
            raise OrganisationRefused(Reason.TAKEN, account.email)  # the provider gave an old address to somebody new
        change.session.run(_TIED, {**tie, "account": account.id, "created": now})
        audit.note(change, self.provider.issuer, "identity", f"{account.email}: {identity.subject}", now)
        return account


def _identity(subject: str, claims: Mapping[str, Any]) -> Identity:
    def text(name: str) -> str:
        value = claims.get(name)
        return value if isinstance(value, str) and storable(value) else ""

    locale = text("locale").partition("-")[0].partition("_")[0].lower()
    return Identity(
        subject,
        text("email"),
        claims.get("email_verified") is True,
        text("given_name") or text("name"),
        text("family_name"),
        locale or None,
    )


def _known(session: Session, tie: Mapping[str, str]) -> Account | None:
    row = session.one(_KNOWN, tie)
    return account_of(row) if row else None
