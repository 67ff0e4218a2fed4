"""Homes whose cameras are pages of a browser: moving pictures without Home Assistant."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from playwright.async_api import Page

from hub.protocol.geo import Point
from hub.protocol.grant import View, sign_grant
from hub.protocol.reply import Reply, sign_reply
from hub.protocol.request import Request
from hub.protocol.topics import replies
from hub.protocol.vocabulary import Outcome, Scope
from tests.hub.whole import CAPITOL, ScriptedHome, WholeHub

_DEGREE_M = 111_195.0
_DEGREE_EAST_M = 93_980.0

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # A map that is drawn without a graphics card takes the processor from the pictures.
    "--disable-3d-apis",
    # Two pages of one machine meet by its addresses; names for them need multicast.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)

SCENE = """<!doctype html><title>A camera</title><script>
const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
const brush = canvas.getContext("2d");
let step = 0;
setInterval(() => {
  step += 1;
  brush.fillStyle = "#26323c";
  brush.fillRect(0, 0, 640, 360);
  brush.fillStyle = "#3c4a3a";
  brush.fillRect(0, 240, 640, 120);
  brush.fillStyle = "#5b6570";
  brush.beginPath();
  for (const [x, y] of [[250, 240], [390, 240], [640, 360], [0, 360]]) brush.lineTo(x, y);
  brush.fill();
  brush.fillStyle = "#8a6d52";
  brush.fillRect(70, 110, 130, 130);
  brush.fillStyle = "#d8b26a";
  brush.fillRect(100, 150, 30, 40);
  brush.fillStyle = "#b3423a";
  brush.fillRect((step * 5) % 720 - 80, 262, 80, 30);
}, 60);
const stream = canvas.captureStream(15);
const connections = [];
async function answer(sdp) {
  const connection = new RTCPeerConnection();
  connections.push(connection);
  await connection.setRemoteDescription({ type: "offer", sdp });
  connection.addTrack(stream.getVideoTracks()[0], stream);
  const gathered = new Promise((done) => {
    connection.onicegatheringstatechange = () =>
      connection.iceGatheringState === "complete" && done();
  });
  await connection.setLocalDescription();
  await gathered;
  return connection.localDescription.sdp;
}
const freeze = () => connections.at(-1).getSenders().forEach((one) => one.replaceTrack(null));
</script>"""

type Says = Callable[[Request, Reply], Reply | None]


def near(north: float, east: float) -> Point:
    """Return a place so many metres from the capitol."""
    return Point(CAPITOL.lat + north / _DEGREE_M, CAPITOL.lon + east / _DEGREE_EAST_M)


def fails(reason: str, outcome: Outcome = Outcome.FAILED) -> Says:
    """Return what a home says whose streams fail with this reason."""

    def say(request: Request, reply: Reply) -> Reply:
        if request.action is not Scope.STREAM:
            return reply
        return replace(reply, outcome=outcome, reason=reason, answer=None)

    return say


def films(whole: WholeHub, camera: Page, homes: list[ScriptedHome]) -> Says:
    """Return what a home says whose streams are filmed by a page; it is put in `homes`."""

    async def answer(request: Request, reply: Reply) -> None:
        assert request.offer is not None
        found = replace(reply, answer=await camera.evaluate("answer", request.offer.sdp))
        [home] = [one for one in homes if one.identity.camera == request.camera]
        topic = replies(home.identity.home, request.id)
        home.publish(topic, sign_reply(home.signer, found), retain=False)

    def say(request: Request, reply: Reply) -> Reply | None:
        if request.action is not Scope.STREAM or reply.answer is None:
            return reply
        whole.tasks.append(asyncio.create_task(answer(request, reply)))
        return None

    return say


async def lend(
    whole: WholeHub,
    place: Point,
    name: str,
    says: Says | None = None,
    bearing: int | None = None,
) -> ScriptedHome:
    """Make a home that lends a camera of this name; with a word on streams it lends those too."""
    home = await whole.home(place, says, streaming=says is not None)
    home.identity = replace(home.identity, name=name)
    fov = None if bearing is None else 90
    view = View(place=place, accuracy_m=10, bearing=bearing, fov=fov)
    home.grant = home.make_grant(view=view)
    home.publish(home.grant_topic, sign_grant(home.signer, home.grant))
    return home
