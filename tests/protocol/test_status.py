"""Status: what the hub holds of a home, as the home reads it."""

import pytest

from hub.protocol.errors import Reason, Rejected
from hub.protocol.status import Status


def test_an_answer_is_read() -> None:
    status = Status.parse({"cameras": {"cam": 7}, "waiver": "w", "policy": "p"})
    assert status == Status(seqs={"cam": 7}, waiver="w", policy="p")


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"cameras": {"cam": 0}, "waiver": "w", "policy": "p"},
        {"cameras": {"cam": "7"}, "waiver": "w", "policy": "p"},
        {"cameras": [], "waiver": "w", "policy": "p"},
        {"cameras": {}, "policy": "p"},
    ],
)
def test_an_answer_out_of_shape(value: object) -> None:
    with pytest.raises(Rejected) as refused:
        Status.parse(value)
    assert refused.value.reason is Reason.MALFORMED
