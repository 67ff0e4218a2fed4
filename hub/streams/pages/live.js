// One live connection to a camera, from the offer to its end, and what is measured on it.

import { Refused } from "./api.js";
import { Delay, Freeze } from "./measures.js";
import { Session } from "./session.js";

const RENEWALS = 3;
const TICK_MS = 1000;
const EAGER_TICK_MS = 100;
/** From the answer to the first picture: longer than ICE and a camera's keyframe need together. */
const FIRST_PICTURE_MS = 20_000;

/**
 * @typedef {object} Configuration what `GET …/player` answers
 * @property {boolean} live whether the camera has live video now
 * @property {string | null} why_not why it has none
 * @property {RTCIceServer[]} ice_servers
 * @property {RTCIceTransportPolicy} ice_transport_policy
 * @property {string | null} data_channel the data channel that the camera asks for
 * @property {boolean} audio whether the camera asks for a line of audio, which stays silent
 * @property {number} lease_s
 * @property {number} still_every_s
 */

/**
 * Dispatches `look` {look}, `playing`, `time` {left, lease}, `delay` {ms}, `frozen` {ms}, and at
 * last, unless it is closed before, one `over` {how, reason} with `how` as `ended`, `failed`, or
 * `lost` when the way to the camera broke off.
 */
export class Live extends EventTarget {
  #api;
  #video;
  #configuration;
  #background;
  #events;
  /** @type {Session | null} */
  #session = null;
  #connection;
  #closed = false;
  #playing = false;
  #lease = { until: Number.NaN, ends: Number.NaN };

  /**
   * @param {object} options
   * @param {import("./api.js").Api} options.api
   * @param {HTMLVideoElement} options.video
   * @param {Configuration} options.configuration
   * @param {() => boolean} options.background whether the operator did nothing meanwhile
   * @param {import("./session.js").Events | undefined} [options.events] who tells of the session
   */
  constructor({ api, video, configuration, background, events }) {
    super();
    this.#api = api;
    this.#video = video;
    this.#configuration = configuration;
    this.#background = background;
    this.#events = events;
    this.#connection = this.#peer();
  }

  /**
   * Offers at once, and takes the answer; candidates follow.
   *
   * @param {string} endpoint the camera's WHEP endpoint
   * @returns {Promise<void>} throws `Refused`; then it is closed
   */
  async open(endpoint) {
    try {
      await this.#open(endpoint);
    } catch (error) {
      if (this.#closed) return;
      await this.close();
      throw error;
    }
  }

  /** Ends the connection, and the session at the hub. */
  async close() {
    const closed = this.#session?.close();
    this.#drop();
    await closed;
  }

  #drop() {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
    this.#video.srcObject = null;
  }

  /**
   * @param {string} how
   * @param {string} reason
   */
  #over(how, reason) {
    if (this.#closed) return;
    this.close();
    this.#tell("over", { how, reason });
  }

  /**
   * @param {string} name
   * @param {object} [detail]
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #peer() {
    const wanted = this.#configuration;
    const connection = new RTCPeerConnection({
      iceServers: wanted.ice_servers,
      iceTransportPolicy: wanted.ice_transport_policy,
      bundlePolicy: "max-bundle",
    });
    // In the order in which some brands want the lines. Sound is never asked for.
    if (wanted.audio) connection.addTransceiver("audio", { direction: "inactive" });
    connection.addTransceiver("video", { direction: "recvonly" });
    if (wanted.data_channel) connection.createDataChannel(wanted.data_channel);
    connection.addEventListener("track", ({ track }) => {
      this.#video.srcObject = new MediaStream([track]);
      this.#video.play().catch(() => {});
    });
    connection.addEventListener("connectionstatechange", () => {
      if (connection.connectionState === "failed") this.#over("lost", "connection-lost");
    });
    return connection;
  }

  /** @param {string} endpoint */
  async #open(endpoint) {
    const connection = this.#connection;
    /** @type {(RTCIceCandidate | null)[]} */
    const early = [];
    /** @param {RTCIceCandidate | null} candidate */
    let found = (candidate) => early.push(candidate);
    connection.addEventListener("icecandidate", ({ candidate }) => found(candidate));
    // Gathering is not waited for: with one dead STUN server it takes 40 s.
    await connection.setLocalDescription();
    const offer = connection.localDescription?.sdp ?? "";
    const session = await Session.open(this.#api, endpoint, offer, this.#events);
    this.#session = session;
    if (this.#closed) {
      // Stopped while the offer was under way: the hub and the home have a session to end.
      await session.close();
      return;
    }
    this.#leased(session.lease);
    this.#follow(session);
    this.#tell("look", { look: session.look });
    await connection.setRemoteDescription({ type: "answer", sdp: session.answer });
    found = (candidate) => (session.trickle(connection, candidate), 0);
    early.forEach(found);
    if (!connection.getTransceivers().some((one) => one.currentDirection === "recvonly")) {
      throw new Refused("codec-unsupported", 0);
    }
    this.#tick(session);
  }

  /** @param {Session} session */
  #follow(session) {
    session.addEventListener("lease", (event) => this.#leased(/** @type {any} */ (event).detail));
    session.addEventListener("candidates", (event) => {
      for (const one of /** @type {any} */ (event).detail.candidates ?? []) {
        this.#connection.addIceCandidate(one).catch(() => {});
      }
    });
    session.addEventListener("ended", (event) => {
      session.forget();
      this.#over("ended", String(/** @type {any} */ (event).detail.reason));
    });
    session.listen();
  }

  /** @param {{until?: string, ends?: string}} told */
  #leased({ until, ends }) {
    this.#lease = { until: Date.parse(until ?? ""), ends: Date.parse(ends ?? "") };
  }

  /**
   * Does what each second asks for, until the session is over.
   *
   * @param {Session} session
   */
  async #tick(session) {
    const delay = new Delay();
    const freeze = new Freeze();
    const every = (this.#configuration.lease_s * 1000) / RENEWALS;
    const begun = performance.now();
    let renewed = begun;
    let frozen = 0;
    while (!this.#closed) {
      const now = performance.now();
      const report = [...(await this.#connection.getStats()).values()];
      if (this.#closed) return;
      if (!this.#playing) this.#expect(report, now - begun);
      else {
        this.#tell("delay", { ms: delay.of(report) });
        const stands = freeze.stands(report, now);
        if (stands || frozen) this.#tell("frozen", { ms: stands });
        frozen = stands;
      }
      this.#count();
      if (now - renewed >= every) {
        renewed = now;
        this.#renew(session);
      }
      await new Promise((done) => setTimeout(done, this.#playing ? TICK_MS : EAGER_TICK_MS));
    }
  }

  #count() {
    const { until, ends } = this.#lease;
    if (Number.isNaN(ends)) return;
    const now = this.#api.now();
    const left = (/** @type {number} */ time) => Math.max(0, Math.round((time - now) / 1000));
    this.#tell("time", { left: left(ends), lease: left(until) });
  }

  /**
   * @param {any[]} report
   * @param {number} waited milliseconds
   */
  #expect(report, waited) {
    const shown = report.find((one) => one.type === "inbound-rtp" && one.kind === "video");
    if (shown?.framesDecoded) {
      this.#playing = true;
      this.#tell("playing");
    } else if (waited > FIRST_PICTURE_MS) {
      // Bytes without pictures: the browser cannot read what the camera sends.
      this.#over("failed", shown?.bytesReceived ? "codec-unsupported" : "no-picture");
    }
  }

  /** @param {Session} session */
  async #renew(session) {
    try {
      this.#leased(await session.renew(this.#background()));
    } catch (error) {
      // Without an answer the next renewal may still be in time.
      if (!(error instanceof Refused) || error.status === 0 || error.status >= 500) return;
      if (error.status === 429) return;
      // What the hub tells of the end by its events says more than "not found".
      if (error.status === 404) await new Promise((done) => setTimeout(done, TICK_MS));
      this.#over("ended", error.problem);
    }
  }
}
