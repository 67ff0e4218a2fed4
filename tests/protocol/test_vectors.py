"""The golden vectors: what is checked in is what the code makes, and reads back as promised."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.protocol import topics
from hub.protocol.checkpoint import cosigned_at, verify_checkpoint
from hub.protocol.claims import Fields
from hub.protocol.documents import canonical, document_hash
from hub.protocol.enrolment import Code, proof_digest
from hub.protocol.entries import Entry
from hub.protocol.errors import Rejected
from hub.protocol.geo import Point, distance_m
from hub.protocol.keys import b64url, fingerprint, from_jwk, thumbprint
from hub.protocol.merkle import verify_consistency, verify_inclusion
from hub.protocol.mine import Mine
from hub.protocol.proofs import Logged, Seen
from hub.protocol.topics import Address
from tests.protocol.samples import HUB, HUB_KEY, NOW, SAMPLES, encode, unb64
from tests.vectors import make

READERS = {(sample.typ, make.signed_by(sample)): sample.read for sample in SAMPLES.values()}


def load(file: str) -> Any:
    return json.loads((make.FOLDER / file).read_text(encoding="utf-8"))


def named(file: str) -> list[Any]:
    return [pytest.param(vector, id=vector["name"]) for vector in load(file)]


def test_the_files_are_what_the_code_makes() -> None:
    made = make.vectors()
    assert {path.name for path in make.FOLDER.glob("*.json")} == set(made)
    for file, content in made.items():
        assert (make.FOLDER / file).read_text(encoding="utf-8") == make.text(content), file


@pytest.mark.parametrize("vector", named("tokens.json"))
def test_tokens_read_back(vector: Any) -> None:
    message = vector["token"].encode()
    if "body" in vector:
        message += b"\n" + base64.b64decode(vector["body"])
    now = datetime.fromtimestamp(vector["now"], UTC)
    assert READERS[vector["typ"], vector["signer"]](message, now) is not None
    header, payload = json.loads(vector["header"]), json.loads(vector["payload"])
    assert vector["header"].encode() == encode(header)
    assert header["typ"] == vector["typ"]
    assert payload["exp"] > vector["now"]


@pytest.mark.parametrize("vector", named("refused.json"))
def test_refused_for_the_reason_given(vector: Any) -> None:
    now = datetime.fromtimestamp(vector["now"], UTC)
    with pytest.raises(Rejected) as refused:
        READERS[vector["typ"], vector["signer"]](base64.b64decode(vector["message"]), now)
    assert refused.value.reason == vector["reason"]


def test_the_known_answers_of_rfc_8037() -> None:
    known = load("keys.json")[0]
    assert known["jwk"]["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert known["thumbprint"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_keys_codes_and_documents() -> None:
    for vector in load("keys.json"):
        assert thumbprint(from_jwk(vector["jwk"])) == vector["thumbprint"]
        assert fingerprint(vector["thumbprint"]) == vector["fingerprint"]
    for vector in load("codes.json"):
        code = Code.parse(vector["typed"])
        assert code == Code.parse(vector["text"])
        assert (code.secret.hex(), code.pin.hex()) == (vector["secret"], vector["pin"])
        assert proof_digest(code.proof) == vector["proof_digest"]
        assert vector["fits"] is None or code.fits(base64.b64decode(vector["fits"]))
    for vector in load("documents.json"):
        assert canonical(vector["document"]).decode() == vector["canonical"]
        assert document_hash(vector["document"]) == vector["sha256"]


def test_the_log_is_proved() -> None:
    vector = load("log.json")
    entries = [Entry.parse(one["entry"].encode()) for one in vector["entries"]]
    assert [b64url(entry.hash) for entry in entries] == [one["hash"] for one in vector["entries"]]
    roots = [unb64(root.encode()) for root in vector["roots"]]
    for one in vector["inclusion"]:
        proof = [unb64(node.encode()) for node in one["proof"]]
        leaf = entries[one["index"]].hash
        verify_inclusion(leaf, one["index"], one["size"], proof, roots[one["size"]])
    for one in vector["consistency"]:
        proof = [unb64(node.encode()) for node in one["proof"]]
        verify_consistency(one["old"], one["size"], proof, roots[one["old"]], roots[one["size"]])
    note = verify_checkpoint(vector["checkpoint"], HUB_KEY.key, vector["origin"])
    assert note.checkpoint.root == roots[note.checkpoint.size]
    witness = vector["witness"]
    key = from_jwk({"kty": "OKP", "crv": "Ed25519", "x": witness["key"]})
    cosigned = verify_checkpoint(vector["cosigned"], HUB_KEY.key, vector["origin"])
    assert cosigned_at(cosigned, {witness["name"]: key}) == {witness["name"]: NOW}


def test_what_a_home_gets_of_the_log() -> None:
    vector = load("log.json")
    seen = Seen(vector["seen"]["size"], unb64(vector["seen"]["root"].encode()))
    logged = Logged.read(Fields(vector["logged"]))
    assert logged.verify(HUB_KEY.key, HUB.kid, seen).size == len(vector["entries"])
    mine = Mine.parse(vector["mine"])
    now = mine.advance.verify(HUB_KEY.key, HUB.kid, seen)
    for proof in mine.proofs:
        proof.verify(now)
    assert [proof.entry.kind for proof in mine.proofs] == ["look", "look_ended"]


def test_topics_and_distances() -> None:
    vectors = load("topics.json")
    for vector in vectors["from_home"]:
        address = Address(vector["home"], vector["kind"], vector["item"])
        assert topics.parse(vector["topic"]) == address
    for topic in [*vectors["refused"], *vectors["from_hub"].values()]:
        with pytest.raises(Rejected):
            topics.parse(topic)
    for vector in load("distances.json"):
        metres = distance_m(Point(*vector["from"]), Point(*vector["to"]))
        assert metres == pytest.approx(vector["metres"], abs=1e-3)
