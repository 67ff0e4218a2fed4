// A player for tests: makes an offer, shows the answer's video, and reads what is in its pictures.
"use strict";

const WIDTH = 640, HEIGHT = 360, BLOCK = 40, COLUMNS = 16, ROWS = 3, BAR_ROW = 260;

class TestPlayer {
  constructor({ iceServers = [], policy = "all", dataChannel = null, audio = false, codec = null }) {
    this.begun = performance.now();
    this.frames = [];
    this.candidates = [];
    this.pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: policy });
    this.pc.addEventListener("icecandidate", (event) => this.candidate(event.candidate));
    if (dataChannel) this.pc.createDataChannel(dataChannel);
    if (audio) this.pc.addTransceiver("audio", { direction: "recvonly" });
    const video = this.pc.addTransceiver("video", { direction: "recvonly" });
    if (codec) {
      const able = RTCRtpReceiver.getCapabilities("video").codecs;
      video.setCodecPreferences(able.filter((one) => one.mimeType === `video/${codec}`));
    }
    this.video = document.createElement("video");
    this.video.muted = true;
    document.documentElement.append(this.video);
    this.video.srcObject = new MediaStream([video.receiver.track]);
    this.video.play().catch(() => {});
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    this.canvas = canvas.getContext("2d", { willReadFrequently: true });
    this.watch();
  }

  watch() {
    this.video.requestVideoFrameCallback(() => {
      this.frames.push(this.read());
      this.watch();
    });
  }

  // When a frame was shown, and what is in it; tests/e2e/custom_components/moving_camera draws it.
  read() {
    const shown = Date.now(), after = performance.now() - this.begun;
    this.canvas.drawImage(this.video, 0, 0, WIDTH, HEIGHT);
    const white = (x, y) => this.canvas.getImageData(x, y, 1, 1).data[1] > 128;
    const bits = [];
    for (let index = 0; index < ROWS * COLUMNS; index++) {
      const column = index % COLUMNS, row = (index - column) / COLUMNS;
      bits.push(white(column * BLOCK + BLOCK / 2, row * BLOCK + BLOCK / 2));
    }
    const number = (from, to) => bits.slice(from, to).reduce((sum, bit) => sum * 2 + bit, 0);
    const line = this.canvas.getImageData(0, BAR_ROW, WIDTH, 1).data;
    let bar = 0;
    while (bar < WIDTH && line[bar * 4 + 1] <= 160) bar++;
    return { shown, after, taken: number(0, 32), camera: number(32, 40), check: number(40, 48), bar };
  }

  async offer() {
    await this.pc.setLocalDescription();
    return this.pc.localDescription.sdp;
  }

  async answer(sdp) {
    this.answered = performance.now() - this.begun;
    this.answerSdp = sdp;
    // Once they are connected a browser looks for no further ways.
    this.gatheringThen = this.pc.iceGatheringState;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
  }

  candidate(candidate) {
    this.candidates.push(candidate);
    this.send?.();
  }

  // Directly from Home Assistant, as its own frontend plays a camera.
  async homeAssistant({ token, entity }) {
    this.socket = new WebSocket(`ws://${location.host}/api/websocket`);
    let id = 0, session = null;
    const say = (words) => this.socket.send(JSON.stringify(words));
    const told = new Promise((resolve, reject) => {
      this.socket.onmessage = async ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "auth_required") say({ type: "auth", access_token: token });
        if (message.type === "auth_ok") {
          say({ id: ++id, type: "camera/webrtc/offer", entity_id: entity, offer: await this.offer() });
        }
        if (message.type === "auth_invalid" || message.success === false) reject(new Error(data));
        if (message.type !== "event") return;
        const event = message.event;
        if (event.type === "error") reject(new Error(event.message));
        if (event.type === "session") {
          session = event.session_id;
          this.send();
        }
        if (event.type === "answer") await this.answer(event.answer).then(resolve, reject);
        if (event.type === "candidate") await this.pc.addIceCandidate(event.candidate);
      };
    });
    this.send = () => {
      while (session && this.candidates.length) {
        const candidate = this.candidates.shift();
        if (!candidate) continue;
        say({
          id: ++id, type: "camera/webrtc/candidate", entity_id: entity, session_id: session,
          candidate: candidate.toJSON(),
        });
      }
    };
    await told;
  }

  // By WHEP; `gather` waits for all candidates before it asks, as some players do; `trickle` takes
  // the camera's from the events, as our own player does.
  async whep({ url, token, gather = false, trickle = false }) {
    const authorization = token ? { Authorization: `Bearer ${token}` } : {};
    await this.offer();
    if (gather) await this.gathered();
    this.asking = new AbortController();
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/sdp",
        ...authorization,
        ...(trickle ? { "RTCC-Trickle": "1" } : {}),
      },
      body: this.pc.localDescription.sdp,
      signal: this.asking.signal,
    });
    const told = { status: answer.status, headers: Object.fromEntries(answer.headers) };
    const body = await answer.text();
    if (answer.status !== 201) return { ...told, problem: JSON.parse(body) };
    this.session = new URL(answer.headers.get("Location"), url).href;
    this.etag = answer.headers.get("ETag");
    const answered = this.answer(body);
    if (trickle) this.listen(authorization).catch(() => {});
    await answered;
    this.send = () => this.trickle();
    if (!gather) await this.trickle();
    return told;
  }

  async trickle() {
    const found = this.candidates.splice(0).map((one) => one?.candidate).filter(Boolean);
    if (!found.length) return;
    const lines = this.pc.localDescription.sdp.split("\r\n");
    const first = (start) => lines.find((line) => line.startsWith(start));
    const words = [
      first("a=ice-ufrag:"), first("a=ice-pwd:"), first("a=group:"), first("m="), first("a=mid:"),
      ...found.map((one) => `a=${one}`),
    ];
    await fetch(this.session, {
      method: "PATCH",
      headers: { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": this.etag },
      body: words.join("\r\n") + "\r\n",
    });
  }

  // The camera's candidates, until the stream or the connection ends.
  async listen(headers) {
    const { body } = await fetch(`${this.session}/events`, { headers, signal: this.asking.signal });
    let kept = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (kept + chunk).split("\n\n");
      kept = blocks.pop();
      for (const block of blocks) {
        const said = block.match(/^event: candidates\ndata: (.*)$/);
        for (const one of said ? JSON.parse(said[1]).candidates : []) {
          await this.pc.addIceCandidate(one);
        }
      }
    }
  }

  gathered() {
    return new Promise((resolve) => {
      const look = () => this.pc.iceGatheringState === "complete" && resolve();
      this.pc.addEventListener("icegatheringstatechange", look);
      look();
    });
  }

  // Until a number of new frames were shown.
  more(count, limit) {
    const wanted = this.frames.length + count;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        clearInterval(look);
        reject(new Error(`${this.frames.length} of ${wanted} frames, ${this.pc.connectionState}`));
      }, limit);
      const look = setInterval(() => {
        if (this.frames.length < wanted) return;
        clearTimeout(late);
        clearInterval(look);
        resolve(this.frames.slice(-count));
      }, 10);
    });
  }

  async stats() {
    const report = [...(await this.pc.getStats()).values()];
    const by = (id) => report.find((one) => one.id === id);
    const inbound = report.find((one) => one.type === "inbound-rtp" && one.kind === "video");
    const transport = report.find((one) => one.type === "transport");
    const pair = by(transport?.selectedCandidatePairId);
    return {
      state: this.pc.connectionState,
      decoded: inbound?.framesDecoded ?? 0,
      codec: by(inbound?.codecId)?.mimeType,
      local: by(pair?.localCandidateId)?.candidateType,
      remote: by(pair?.remoteCandidateId)?.candidateType,
      answered: this.answered,
    };
  }

  async stop() {
    this.close();
    await fetch(this.session, { method: "DELETE" });
  }

  close() {
    this.pc.close();
    this.socket?.close();
    this.asking?.abort();
  }
}

window.TestPlayer = TestPlayer;
