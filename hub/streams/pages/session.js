// One WHEP session at the hub: offer and answer, candidates, lease, events, end.

import { events, Refused } from "./api.js";

const AGAIN_MS = 1000;
const CLOSE_MS = 5000;
/** As many candidates as the hub takes at once. */
const MOST = 50;

/**
 * Returns an SDP fragment (RFC 8840) with candidates of a session.
 *
 * @param {string} sdp the local description
 * @param {RTCIceCandidate[]} candidates
 * @param {boolean} complete whether no more of them will come
 */
export function fragment(sdp, candidates, complete) {
  const lines = sdp.split(/\r\n|\n/);
  const first = (/** @type {string} */ start) => lines.find((line) => line.startsWith(start));
  const media = lines.filter((line) => line.startsWith("m="));
  const mids = lines.filter((line) => line.startsWith("a=mid:"));
  const wanted = mids.map((mid) => candidates.filter((one) => `a=mid:${one.sdpMid}` === mid));
  const text = [first("a=group:BUNDLE"), first("a=ice-ufrag:"), first("a=ice-pwd:")];
  mids.forEach((mid, index) => {
    const mine = wanted[index] ?? [];
    if (mine.length || index === 0) {
      text.push(media[index], mid, ...mine.map((one) => `a=${one.candidate}`));
    }
  });
  if (complete) text.push("a=end-of-candidates");
  return `${text.filter(Boolean).join("\r\n")}\r\n`;
}

/**
 * Tells the listener what happens to a stream of that look, from the lease as it is on, and
 * returns what stops that. A page with many streams has one such source for all of them.
 *
 * @typedef {(look: string, listener: (name: string, data: any) => void) => () => void} Events
 */

/** A session that the hub opened; it lives until its lease ends unless it is renewed. */
export class Session extends EventTarget {
  #api;
  #path;
  #tag;
  #over = new AbortController();
  /** @type {Promise<void> | undefined} */
  #closing;
  /** @type {RTCIceCandidate[]} */
  #candidates = [];
  #complete = false;
  #sending = false;
  #source;

  /**
   * Offers, and waits for the answer.
   *
   * @param {import("./api.js").Api} api
   * @param {string} path the WHEP endpoint
   * @param {string} offer
   * @param {Events} [source] who tells of the session; without it, it listens by itself
   */
  static async open(api, path, offer, source) {
    const answer = await api.ask("POST", path, {
      text: offer,
      type: "application/sdp",
      // The camera's candidates are taken from the events, so the answer need not wait for them.
      headers: { "RTCC-Trickle": "1" },
    });
    const at = new URL(answer.headers.get("Location") ?? "", answer.url);
    if (at.origin !== location.origin) throw new Refused("internal", answer.status);
    return new Session(api, at.pathname, answer, await answer.text(), source);
  }

  /**
   * @param {import("./api.js").Api} api
   * @param {string} path
   * @param {Response} made
   * @param {string} answer
   * @param {Events} [source]
   */
  constructor(api, path, made, answer, source) {
    super();
    this.#source = source;
    this.#api = api;
    this.#path = path;
    this.#tag = made.headers.get("ETag") ?? "*";
    this.answer = answer;
    /** The id of the look in the access log. */
    this.look = made.headers.get("RTCC-Look") ?? "";
    /** The lease as it is at first: when it ends, and when it does however often it is renewed. */
    this.lease = {
      until: made.headers.get("RTCC-Until") ?? "",
      ends: made.headers.get("RTCC-Ends") ?? "",
    };
  }

  /**
   * Sends a local candidate; null says that there are no more.
   *
   * What is found while one message is under way goes in the next one.
   *
   * @param {RTCPeerConnection} connection
   * @param {RTCIceCandidate | null} candidate
   */
  async trickle(connection, candidate) {
    if (candidate?.candidate) this.#candidates.push(candidate);
    else this.#complete = true;
    if (this.#sending) return;
    this.#sending = true;
    let ended = false;
    while ((this.#candidates.length || (this.#complete && !ended)) && !this.#over.signal.aborted) {
      const candidates = this.#candidates.splice(0, MOST);
      ended = this.#complete && !this.#candidates.length;
      const text = fragment(connection.localDescription?.sdp ?? "", candidates, ended);
      // A lost candidate is not the end: another may do, or the connection fails and says so.
      await this.#api
        .ask("PATCH", this.#path, {
          text,
          type: "application/trickle-ice-sdpfrag",
          headers: { "If-Match": this.#tag },
          background: true,
        })
        .catch(() => {});
    }
    this.#sending = false;
  }

  /**
   * Renews the lease.
   *
   * @param {boolean} background whether the operator did nothing meanwhile
   * @returns {Promise<{until: string, ends: string}>}
   */
  async renew(background) {
    const signal = this.#over.signal;
    return (await this.#api.ask("POST", `${this.#path}/lease`, { background, signal })).json();
  }

  /** Dispatches what the hub tells of the session, as events of the same names, until it ends. */
  async listen() {
    const signal = this.#over.signal;
    if (this.#source) {
      const stop = this.#source(this.look, (name, data) => {
        if (!signal.aborted) this.dispatchEvent(new CustomEvent(name, { detail: data }));
      });
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      return;
    }
    while (!signal.aborted) {
      try {
        const answer = await this.#api.ask("GET", `${this.#path}/events`, {
          background: true,
          signal,
        });
        for await (const { name, data } of events(answer)) {
          if (signal.aborted) return;
          this.dispatchEvent(new CustomEvent(name, { detail: data }));
          if (name === "ended") return;
        }
      } catch (error) {
        if (error instanceof Refused && error.status === 404 && !signal.aborted) {
          this.dispatchEvent(new CustomEvent("ended", { detail: { reason: "over" } }));
          return;
        }
      }
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }

  /** Forgets the session, which has ended. */
  forget() {
    this.#over.abort();
    this.#closing ??= Promise.resolve();
  }

  /** Ends the session, even if the page is about to go; done when the hub knows. */
  close() {
    this.#over.abort();
    this.#closing ??= this.#api
      .ask("DELETE", this.#path, {
        keepalive: true,
        background: true,
        signal: AbortSignal.timeout(CLOSE_MS),
      })
      .then(() => {}, () => {});
    return this.#closing;
  }
}
