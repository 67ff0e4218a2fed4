// Plays one camera: live where it can, by stills where it cannot, and says what happens meanwhile.

import { Refused } from "./api.js";
import { Live } from "./live.js";
import { stills } from "./stills.js";

const UNDER_WAY = new Set(["asking", "connecting", "playing", "stills"]);
const TOLD = ["look", "time", "delay", "frozen"];

/**
 * @typedef {"idle" | "asking" | "connecting" | "playing" | "stills" | "ended" | "failed"} State
 *
 * @typedef {object} Options
 * @property {import("./api.js").Api} api
 * @property {string} incident
 * @property {string} camera
 * @property {HTMLVideoElement} video where live video is shown
 * @property {() => boolean} [present] whether the operator did something since it was last asked;
 *   without it the page keeps no session from locking
 * @property {import("./session.js").Events} [events] who tells what happens to streams; without
 *   it each stream listens by itself, which takes one of the browser's six connections
 */

/**
 * Returns a player, which asks for nothing until it is started.
 *
 * @param {Options} options
 */
export const createPlayer = (options) => new Player(options);

/**
 * Dispatches (each with its `detail`):
 *
 * - `state` {state, reason}: `reason` names why it ended or failed, or why there are only stills
 * - `configured`: the client configuration, see `live.js`
 * - `look` {look}: the id of the look that began
 * - `time` {left, lease}: seconds until the longest time is over, and until the lease is
 * - `delay` {ms}: how late the picture is; null is unknown
 * - `frozen` {ms}: for how long the picture has stood still; 0 when it moves again
 * - `still` {picture, received, kind, look}: a still that came, see `stills.js`
 * - `missed` {problem}: a still that did not come; another is asked for
 */
export class Player extends EventTarget {
  /** @type {State} */
  #state = "idle";
  #options;
  #run = new AbortController();
  /** @type {Live | null} */
  #live = null;

  /** @param {Options} options */
  constructor(options) {
    super();
    this.#options = options;
  }

  get state() {
    return this.#state;
  }

  /** Begins a look; does nothing while one is under way. */
  async start() {
    if (UNDER_WAY.has(this.#state)) return;
    const { signal } = (this.#run = new AbortController());
    addEventListener("pagehide", () => this.stop(), { signal });
    this.#enter("asking");
    await this.#begin(signal);
  }

  /** Ends what is under way, also at the hub. It is safe to call at any time. */
  async stop() {
    if (UNDER_WAY.has(this.#state)) await this.#finish("ended", "stopped");
  }

  get #path() {
    const { incident, camera } = this.#options;
    return `incidents/${encodeURIComponent(incident)}/cameras/${encodeURIComponent(camera)}`;
  }

  get #background() {
    return !(this.#options.present?.() ?? false);
  }

  /**
   * @param {State} state
   * @param {string} [reason]
   */
  #enter(state, reason = "") {
    this.#state = state;
    this.#tell("state", { state, reason });
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /**
   * @param {"ended" | "failed"} state
   * @param {string} reason
   */
  async #finish(state, reason) {
    this.#run.abort();
    const closed = this.#live?.close();
    this.#live = null;
    this.#enter(state, reason);
    await closed;
  }

  /**
   * @param {AbortSignal} signal
   * @param {unknown} error
   */
  async #fail(signal, error) {
    if (signal.aborted) return;
    if (!(error instanceof Refused)) console.warn("The player failed:", error);
    await this.#finish("failed", error instanceof Refused ? error.problem : "player-failed");
  }

  /**
   * Asks how the camera is played, and plays it so.
   *
   * @param {AbortSignal} signal
   * @param {boolean} [again] whether it is tried once more if the way to the camera breaks off;
   *   that is a look of its own, with fresh credentials for the relay
   */
  async #begin(signal, again = true) {
    if (signal.aborted) return;
    try {
      const answer = await this.#options.api.ask("GET", `${this.#path}/player`, { signal });
      const configuration = await answer.json();
      if (signal.aborted) return;
      this.#tell("configured", configuration);
      if (!configuration.live) await this.#still(configuration, signal, configuration.why_not);
      else await this.#play(configuration, signal, again);
    } catch (error) {
      await this.#fail(signal, error);
    }
  }

  /**
   * @param {import("./live.js").Configuration} configuration
   * @param {AbortSignal} signal
   * @param {boolean} again
   */
  async #play(configuration, signal, again) {
    const { api, video, events } = this.#options;
    const background = () => this.#background;
    const live = new Live({ api, video, configuration, background, events });
    this.#live = live;
    for (const name of TOLD) {
      live.addEventListener(name, (event) => this.#tell(name, /** @type {any} */ (event).detail));
    }
    live.addEventListener("look", () => this.#state === "asking" && this.#enter("connecting"));
    live.addEventListener("playing", () => this.#enter("playing"));
    live.addEventListener("over", (event) => {
      const { how, reason } = /** @type {any} */ (event).detail;
      if (signal.aborted) return;
      if (how !== "lost" || !again) {
        this.#finish(how === "ended" ? "ended" : "failed", reason);
        return;
      }
      this.#enter("connecting", reason);
      // The owner's largest number of viewers may be one.
      live.close().then(() => this.#begin(signal, false));
    });
    try {
      await live.open(`${this.#path}/whep`);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refused) || error.problem !== "no-live-video") throw error;
      await this.#still(configuration, signal, error.problem);
    }
  }

  /**
   * @param {import("./live.js").Configuration} configuration
   * @param {AbortSignal} signal
   * @param {string | null} reason why there are only stills
   */
  async #still(configuration, signal, reason) {
    this.#enter("stills", reason ?? "");
    await stills({
      api: this.#options.api,
      incident: this.#options.incident,
      camera: this.#options.camera,
      every: configuration.still_every_s,
      signal,
      background: () => this.#background,
      show: (still) => {
        this.#tell("look", { look: still.look });
        this.#tell("still", still);
      },
      missed: (problem) => this.#tell("missed", { problem }),
    });
  }
}
