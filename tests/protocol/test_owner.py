"""An owner's demands: good for one home, one hub, one purpose, and two minutes."""

from datetime import timedelta

import pytest

from hub.protocol.errors import Reason
from hub.protocol.owner import LIFE, Demand, sign_demand, verify_demand
from tests.protocol.samples import HOME, HOME_ID, HOME_KEY, HUB, NOW, STRANGER, refusal

OTHER = {Demand.RECORD: Demand.DELETION, Demand.DELETION: Demand.RECORD}


@pytest.mark.parametrize("demand", list(Demand))
def test_a_demand_is_proved(demand: Demand) -> None:
    token = sign_demand(HOME, demand, HOME_ID, HUB.kid, "jti", NOW)
    assert verify_demand(token, demand, HOME_KEY, HOME_ID, HUB.kid, NOW) == "jti"


@pytest.mark.parametrize("demand", list(Demand))
def test_a_demand_is_good_for_nothing_else(demand: Demand) -> None:
    token = sign_demand(HOME, demand, HOME_ID, HUB.kid, "jti", NOW)
    stolen = sign_demand(STRANGER, demand, HOME_ID, HUB.kid, "jti", NOW)

    def reason(
        token: str,
        demand: Demand = demand,
        home: str = HOME_ID,
        hub: str = HUB.kid,
        *,
        late: bool = False,
    ) -> Reason | None:
        now = NOW + LIFE if late else NOW + LIFE - timedelta(seconds=1)
        return refusal(lambda: verify_demand(token, demand, HOME_KEY, home, hub, now))

    assert reason(token, OTHER[demand]) is Reason.WRONG_TYPE
    assert reason(stolen) is Reason.UNKNOWN_KEY
    assert reason(token, home="another") is Reason.WRONG_ISSUER
    assert reason(token, hub="another") is Reason.WRONG_AUDIENCE
    assert reason(token, late=True) is Reason.EXPIRED
