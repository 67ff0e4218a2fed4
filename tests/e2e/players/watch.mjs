// Plays a camera by WHEP with werift, a WebRTC stack without a browser, and prints the RTP packets that come.
// node watch.mjs <folder of node_modules> <address>, the token in $TOKEN; it hangs up when standard input ends.
import { createRequire } from "node:module";

const [folder, address] = process.argv.slice(2);
const { RTCPeerConnection, useVP8 } = createRequire(`${folder}/`)("werift");
const authorization = { Authorization: `Bearer ${process.env.TOKEN}` };

const peer = new RTCPeerConnection({ codecs: { video: [useVP8()] }, iceServers: [] });
const video = peer.addTransceiver("video", { direction: "recvonly" });
video.onTrack.subscribe((track) => {
  track.onReceiveRtp.subscribe((packet) => {
    console.log(packet.serialize().toString("base64"));
  });
});
await peer.setLocalDescription(await peer.createOffer());

const answer = await fetch(address, {
  method: "POST",
  headers: { "Content-Type": "application/sdp", ...authorization },
  body: peer.localDescription.sdp,
});
const body = await answer.text();
if (answer.status !== 201) throw new Error(`${answer.status} ${body}`);
await peer.setRemoteDescription({ type: "answer", sdp: body });

process.stdin.resume();
await new Promise((resolve) => process.stdin.once("end", resolve));
await fetch(new URL(answer.headers.get("Location"), address), { method: "DELETE", headers: authorization });
await peer.close();
process.exit();
