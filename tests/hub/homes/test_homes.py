"""Homes: enrolled once by a code, renewed, removed, and known after a restart."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.config import Documents
from hub.data import DataFolder
from hub.documents.rules import Rules, read_rules
from hub.errors import Problem, StartError
from hub.homes.authority import Authority
from hub.homes.codes import Codes
from hub.homes.homes import Homes
from hub.protocol.consent import Consent, Document, State, sign_consent
from hub.protocol.enrolment import Enrolled, Enrolment, sign_enrolment, sign_renewal
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.keys import to_jwk
from hub.protocol.status import sign_status
from hub.protocol.tokens import Signer
from hub.store.engine import open_database
from hub.store.tables import cameras, consents, log_entries
from hub.transparency.log import AccessLog
from tests.hub.conftest import csr_for, log_of

HUB = "hub-id"


@dataclass
class Office:
    """The hub's side, and owners who come with a code."""

    engine: AsyncEngine
    authority: Authority
    rules: Rules
    now: datetime
    log: AccessLog = field(init=False)
    codes: Codes = field(init=False)
    homes: Homes = field(init=False)

    def __post_init__(self) -> None:
        self.log = log_of(self.engine)
        self.codes = Codes(self.engine, self.log, self.authority.der)
        self.homes = self.restarted()

    def restarted(self) -> Homes:
        rules = self.rules
        return Homes(self.engine, self.authority, HUB, rules.waiver, rules.policy, self.log)

    def statement(
        self, signer: Signer, code: str, accepted: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        accepted = accepted or {}
        values: dict[str, Any] = {
            "code": code,
            "hub": HUB,
            "csr": csr_for(Ed25519PrivateKey.generate()),
            "key": to_jwk(signer.key.public_key()),
            "consent": sign_consent(signer, self.consent(principal=signer.kid, **accepted)),
            "jti": "j1",
            "issued": self.now,
        }
        return sign_enrolment(signer, Enrolment(**values | changes))

    def consent(self, **changes: Any) -> Consent:
        values: dict[str, Any] = {
            "id": "consent-1",
            "hub": HUB,
            "city": "Jackson",
            "state": State.GIVEN,
            "name": "Ann Owner",
            "language": "en",
            "waiver": Document(version="1", digest=self.rules.waiver.digest),
            "policy": Document(version="1", digest=self.rules.policy.digest),
            "at": self.now,
        }
        return Consent(**values | changes)

    async def code(self, life: timedelta = timedelta(days=14)) -> str:
        return (await self.codes.create("for Ann", self.now, life)).proof

    async def enrol(self, signer: Signer, code: str, **changes: Any) -> Enrolled:
        key = to_jwk(signer.key.public_key())
        token = self.statement(signer, code, **changes)
        return Enrolled.parse(await self.homes.enrol(token, key, self.now))

    async def kept(self, home: str) -> list[str]:
        """Return the states of the records that the hub keeps of a home."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(consents).where(consents.c.home == home))
            return [row.state for row in rows]


def new_signer() -> Signer:
    return Signer(Ed25519PrivateKey.generate())


@pytest.fixture
async def office(folder: DataFolder, authority: Authority, now: datetime) -> AsyncIterator[Office]:
    engine = await open_database(folder)
    yield Office(engine, authority, read_rules(folder.path, Documents()), now)
    await engine.dispose()


async def test_a_home_enrols_and_is_known_from_then_on(office: Office) -> None:
    signer = new_signer()
    enrolled = await office.enrol(signer, await office.code())
    verifier = office.homes.verifier(enrolled.home)
    assert verifier is not None
    assert verifier.kid == signer.kid
    assert len(enrolled.home) == 16
    assert enrolled.ca == office.authority.pem
    certificate = x509.load_pem_x509_certificate(enrolled.certificate.encode())
    assert certificate.subject.rfc4514_string() == f"CN={enrolled.home}"

    homes = office.restarted()
    assert homes.verifier(enrolled.home) is None
    await homes.load(office.now)
    assert len(homes) == 1
    again = homes.verifier(enrolled.home)
    assert again is not None
    assert again.kid == signer.kid
    [record] = await homes.list()
    assert (record.name, record.removed) == ("Ann Owner", None)


async def test_a_lost_answer_can_be_asked_for_again(office: Office) -> None:
    signer, code = new_signer(), await office.code()
    first = await office.enrol(signer, code)
    second = await office.enrol(signer, code)
    assert first.home == second.home
    assert first.certificate != second.certificate
    assert len(office.homes) == 1
    found = await office.codes.find(code)
    assert found is not None
    assert (found.label, found.home) == ("for Ann", first.home)


async def test_two_at_once_with_one_code_make_one_home(office: Office) -> None:
    code = await office.code()
    results = await asyncio.gather(
        *(office.enrol(new_signer(), code) for _ in range(4)), return_exceptions=True
    )
    assert len([found for found in results if isinstance(found, Enrolled)]) == 1
    problems = [found.kind.slug for found in results if isinstance(found, Problem)]
    assert problems == ["code-used"] * 3
    assert len(office.homes) == 1


async def refused(office: Office, signer: Signer, code: str, **changes: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        await office.enrol(signer, code, **changes)
    return caught.value


async def test_what_is_wrong_with_a_code_is_said(office: Office) -> None:
    signer, other = new_signer(), new_signer()
    code = await office.code()
    assert (await refused(office, signer, "00" * 9)).kind.slug == "code-unknown"
    ended = await office.code(timedelta(0))
    assert (await refused(office, signer, ended)).kind.slug == "code-expired"
    await office.enrol(signer, code)
    assert (await refused(office, other, code)).kind.slug == "code-used"


async def test_only_the_rules_in_force_can_be_accepted(office: Office) -> None:
    code = await office.code()
    other = Document(version="0", digest="other")
    for accepted in ({"waiver": other}, {"policy": other}, {"state": State.WITHDRAWN}):
        problem = await refused(office, new_signer(), code, accepted=accepted)
        assert problem.kind.slug == "rules-changed"


async def test_the_consent_is_kept_and_changed_rules_are_accepted_in_place(office: Office) -> None:
    signer, homes, now = new_signer(), office.homes, office.now
    home = (await office.enrol(signer, await office.code())).home
    assert await office.kept(home) == [State.GIVEN]
    other = Document(version="0", digest="other")

    def signed(**changes: Any) -> str:
        return sign_consent(signer, office.consent(principal=home, **changes)).token

    with pytest.raises(Problem) as caught:
        await homes.consent(home, signed(id="c2", waiver=other), now)
    assert caught.value.kind.slug == "rules-changed"
    assert await homes.consent(home, signed(id="c2", name="Bob Owner"), now) is State.GIVEN
    # Sent again, because the answer was lost.
    assert await homes.consent(home, signed(id="c2", name="Bob Owner"), now) is State.GIVEN
    assert await office.kept(home) == [State.GIVEN, State.GIVEN]
    (record,) = await homes.list()
    assert record.name == "Bob Owner"


async def test_a_withdrawn_consent_ends_the_home(office: Office) -> None:
    signer, homes, now = new_signer(), office.homes, office.now
    home = (await office.enrol(signer, await office.code())).home
    gone: list[str] = []
    homes.on_removed = gone.append
    consent = office.consent(principal=home, id="c2", state=State.WITHDRAWN)
    stranger = sign_consent(new_signer(), consent).token
    with pytest.raises(Problem) as caught:
        await homes.consent(home, stranger, now)
    assert caught.value.extra == {"reason": "unknown_key"}
    token = sign_consent(signer, consent).token
    assert await homes.consent(home, token, now) is State.WITHDRAWN
    assert gone == [home]
    assert homes.verifier(home) is None
    assert await office.kept(home) == [State.GIVEN, State.WITHDRAWN]
    with pytest.raises(Problem) as caught:
        await homes.consent(home, token, now)
    assert caught.value.kind.slug == "home-unknown"


async def test_a_home_learns_what_the_hub_holds_of_it_and_nobody_else_does(office: Office) -> None:
    signer, homes, now = new_signer(), office.homes, office.now
    home = (await office.enrol(signer, await office.code())).home
    row = {"seq": 7, "digest": b"", "ends": 0}
    async with office.engine.begin() as connection:
        await connection.execute(insert(cameras).values(camera="mine", home=home, **row))
        await connection.execute(insert(cameras).values(camera="other", home="another", **row))
    question = sign_status(signer, home, HUB, "q1", now)
    status = await homes.status(home, question, now)
    assert status.seqs == {"mine": 7}
    assert (status.waiver, status.policy) == (
        office.rules.waiver.digest,
        office.rules.policy.digest,
    )
    with pytest.raises(Problem) as caught:
        await homes.status(home, sign_status(new_signer(), home, HUB, "q1", now), now)
    assert caught.value.kind.slug == "refused-statement"


async def test_a_bad_statement_is_refused_with_its_reason(office: Office) -> None:
    code, signer = await office.code(), new_signer()
    cases: list[tuple[dict[str, Any], str]] = [
        ({"issued": office.now + timedelta(hours=1)}, "clock"),
        ({"issued": office.now - timedelta(hours=1)}, "expired"),
        ({"hub": "another"}, "wrong_audience"),
        ({"csr": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"}, "malformed"),
        ({"key": to_jwk(new_signer().key.public_key())}, "unknown_key"),
    ]
    for changes, reason in cases:
        problem = await refused(office, signer, code, **changes)
        assert (problem.kind.slug, problem.extra) == ("refused-statement", {"reason": reason})
    with pytest.raises(Problem) as caught:
        await office.homes.enrol(office.statement(signer, code), {"kty": "RSA"}, office.now)
    assert caught.value.kind.slug == "refused-statement"
    assert (await office.enrol(signer, code)).home


async def test_a_certificate_is_renewed_by_the_homes_key(office: Office) -> None:
    signer, homes, now = new_signer(), office.homes, office.now
    home = (await office.enrol(signer, await office.code())).home
    key = Ed25519PrivateKey.generate()
    token = sign_renewal(signer, home, HUB, csr_for(key), "j2", now)
    renewed = Enrolled.parse(await homes.renew(home, token, now))
    certificate = x509.load_pem_x509_certificate(renewed.certificate.encode())
    assert certificate.public_key() == key.public_key()
    assert renewed.home == home

    forged = sign_renewal(new_signer(), home, HUB, csr_for(key), "j3", now)
    with pytest.raises(Problem) as caught:
        await homes.renew(home, forged, now)
    assert caught.value.extra == {"reason": "unknown_key"}
    with pytest.raises(Problem) as caught:
        await homes.renew("another", token, now)
    assert caught.value.kind.slug == "home-unknown"


async def test_a_removed_home_is_out_with_every_certificate_it_ever_had(office: Office) -> None:
    signer, now = new_signer(), office.now
    code = await office.code()
    first = await office.enrol(signer, code)
    token = sign_renewal(signer, first.home, HUB, csr_for(Ed25519PrivateKey.generate()), "j2", now)
    second = Enrolled.parse(await office.homes.renew(first.home, token, now))
    kept = await office.enrol(new_signer(), await office.code())
    removed: list[str] = []
    lists: list[int] = []
    office.homes.on_removed = removed.append
    office.homes.on_crl = lambda: lists.append(1)

    await office.homes.remove(first.home, now)

    assert removed == [first.home]
    assert lists == [1]
    assert office.homes.verifier(first.home) is None
    assert office.homes.verifier(kept.home) is not None
    crl = x509.load_pem_x509_crl(office.authority.crl_file.read_bytes())
    gone = {
        x509.load_pem_x509_certificate(pem.encode()).serial_number
        for pem in (first.certificate, second.certificate)
    }
    assert {entry.serial_number for entry in crl} == gone
    await office.homes.remove(first.home, now)
    with pytest.raises(Problem) as caught:
        await office.homes.remove("another", now)
    assert caught.value.kind.slug == "home-unknown"
    assert (await refused(office, signer, code)).kind.slug == "code-used"


async def test_a_home_that_another_process_removed_gets_no_certificate(office: Office) -> None:
    """The command has removed it, and this hub has not been told yet."""
    signer, now = new_signer(), office.now
    home = (await office.enrol(signer, await office.code())).home
    await office.restarted().remove(home, now)
    csr = csr_for(Ed25519PrivateKey.generate())
    token = sign_renewal(signer, home, HUB, csr, "r1", now)
    with pytest.raises(Problem) as caught:
        await office.homes.renew(home, token, now)
    assert caught.value.kind.slug == "home-unknown"


async def test_a_removal_that_failed_halfway_can_be_done_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = (await office.enrol(new_signer(), await office.code())).home
    gone: list[str] = []
    office.homes.on_removed = gone.append

    def full_disk(*_: object) -> None:
        raise StartError("cannot write the revocation list: No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(office.authority, "write_crl", full_disk)
        with pytest.raises(StartError):
            await office.homes.remove(home, office.now)
    assert gone == [home]
    assert office.homes.verifier(home) is None
    await office.homes.remove(home, office.now)
    crl = x509.load_pem_x509_crl(office.authority.crl_file.read_bytes())
    assert len(list(crl)) == 1


async def test_what_another_process_changed_is_noticed(office: Office) -> None:
    home = (await office.enrol(new_signer(), await office.code())).home
    await office.restarted().remove(home, office.now)
    assert office.homes.verifier(home) is not None
    removed: list[str] = []
    office.homes.on_removed = removed.append
    await office.homes.load(office.now)
    assert office.homes.verifier(home) is None
    assert removed == [home]


async def test_ended_certificates_leave_the_list(office: Office) -> None:
    home = (await office.enrol(new_signer(), await office.code())).home
    await office.homes.remove(home, office.now)
    await office.homes.load(office.now + timedelta(days=91))
    assert not list(x509.load_pem_x509_crl(office.authority.crl_file.read_bytes()))


async def told(office: Office) -> list[Entry]:
    """Return what the log tells of homes."""
    async with office.engine.connect() as connection:
        rows = await connection.execute(select(log_entries.c.data).order_by(log_entries.c.index))
        entries = [Entry.parse(row.data) for row in rows]
    return [entry for entry in entries if entry.kind is EntryKind.HOME]


async def test_what_owners_sign_is_entered_with_it(office: Office) -> None:
    signer = new_signer()
    code = await office.code()
    home = (await office.enrol(signer, code)).home
    await office.enrol(signer, code)  # the answer was lost: nothing new
    for state, id_ in ((State.GIVEN, "again"), (State.GIVEN, "again"), (State.WITHDRAWN, "end")):
        consent = office.consent(id=id_, principal=home, state=state)
        await office.homes.consent(home, sign_consent(signer, consent).token, office.now)
    entries = await told(office)
    assert [entry.outcome for entry in entries] == [
        "invited", "enrolled", "accepted", "accepted", "withdrawn", "removed",
    ]  # fmt: skip
    assert [entry.home for entry in entries] == [None] + [home] * 5
    assert [entry.about.get("consent") for entry in entries[2:5]] == ["consent-1", "again", "end"]
    assert {entry.actor for entry in entries[1:]} == {"public"}
    assert b"Ann Owner" not in b"".join(entry.data for entry in entries)


async def test_what_was_refused_changes_neither_state_nor_log(office: Office) -> None:
    code = await office.code()
    await office.enrol(new_signer(), code)
    before = len(await told(office))
    with pytest.raises(Problem):
        await office.enrol(new_signer(), code)
    with pytest.raises(Problem):
        await office.homes.remove("0123456789abcdef", office.now)
    assert len(await told(office)) == before
    assert len(office.homes) == 1
