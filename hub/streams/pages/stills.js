// Shows a still every few seconds where a camera has no live video.

import { Refused } from "./api.js";

const SHORTEST_S = 1;
/** What passes by itself; after anything else there will be no further still. */
const PASSING = new Set(["camera-failed", "camera-silent", "rate-limited", "unreachable"]);
const MOST_FAILURES = 3;

/**
 * @typedef {object} Still
 * @property {Blob} picture
 * @property {number} received when the home got it from its camera, in milliseconds
 * @property {"live" | "last"} kind whether it shows now, or a camera's last recording
 * @property {string} look the id of the look in the access log
 */

/**
 * Looks again and again until `signal` ends it; a hidden page does not look.
 *
 * @param {object} options
 * @param {import("./api.js").Api} options.api
 * @param {string} options.incident
 * @param {string} options.camera
 * @param {number} options.every seconds from one look to the next
 * @param {AbortSignal} options.signal
 * @param {(still: Still) => void} options.show
 * @param {(problem: string) => void} options.missed told of a still that did not come
 * @param {() => boolean} options.background whether the operator did nothing since the last one
 * @returns {Promise<void>} throws `Refused` when there is nothing more to be had
 */
export async function stills(options) {
  const { api, incident, camera, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    await shown(signal);
    if (signal.aborted) return;
    try {
      const answer = await api.ask("POST", `incidents/${encodeURIComponent(incident)}/looks`, {
        json: { camera, scope: "snapshot" },
        background: options.background(),
        signal,
      });
      const picture = await answer.blob();
      if (signal.aborted) return;
      failures = 0;
      options.show({
        picture,
        received: Date.parse(answer.headers.get("RTCC-Received") ?? ""),
        kind: answer.headers.get("RTCC-Still") === "last" ? "last" : "live",
        look: answer.headers.get("RTCC-Look") ?? "",
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refused) || !PASSING.has(error.problem)) throw error;
      failures += 1;
      if (failures === MOST_FAILURES) throw error;
      options.missed(error.problem);
    }
    await pause(Math.max(SHORTEST_S, options.every) * 1000, signal);
  }
}

/**
 * @param {number} time
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(time, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, time);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function shown(signal) {
  return new Promise((done) => {
    const look = () => {
      if (document.visibilityState === "hidden" && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      done();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
    look();
  });
}
