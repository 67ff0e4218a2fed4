"""What hypothesis draws for streams: anything that a valid message may carry."""

from hypothesis import strategies as st

from hub.protocol.stream import Candidate, IceServer, Offer, Player

PRINTABLE = st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" ")
IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


def texts(longest: int) -> st.SearchStrategy[str]:
    """Draw a line of 1 to `longest` characters."""
    return st.text(PRINTABLE, min_size=1, max_size=longest)


SDPS = st.lists(texts(40), min_size=1, max_size=8).map("\r\n".join)
PLAYERS = st.builds(
    Player, data_channel=st.none() | texts(64), audio=st.booleans(), relay_only=st.booleans()
)
_HOSTS = st.from_regex(r"[a-z0-9.-]{1,60}(:[0-9]{1,5})?|\[[0-9a-f:]{2,39}\]:3478", fullmatch=True)
_STUN = st.builds("{}:{}".format, st.sampled_from(["stun", "stuns"]), _HOSTS)
_TURN = st.builds(
    "{}:{}{}".format,
    st.sampled_from(["turn", "turns"]),
    _HOSTS,
    st.sampled_from(["", "?transport=udp", "?transport=tcp"]),
)
_URLS = st.lists(_STUN | _TURN, min_size=1, max_size=3).map(tuple)
SERVERS = st.builds(IceServer, _URLS) | st.builds(IceServer, _URLS, texts(200), texts(200))
OFFERS = st.builds(Offer, SDPS, st.lists(SERVERS, max_size=3).map(tuple), st.booleans())
CANDIDATES = st.builds(
    Candidate,
    st.just("") | texts(490).map("candidate:{}".format),
    st.none() | texts(64),
    st.none() | st.integers(0, 15),
)
