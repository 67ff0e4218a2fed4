// What the browser's statistics say about a stream: how late it is, and whether it stands still.

// Chromium counts the sender's clock from 1900 (NTP), other clocks count from 1970.
const NTP_TO_UNIX_MS = 2_208_988_800_000;
const FROZEN_MS = 3000;

/** @param {number} time */
const unix = (time) => (time > NTP_TO_UNIX_MS ? time - NTP_TO_UNIX_MS : time);

/** @param {number | undefined} value @returns {value is number} */
const known = (value) => typeof value === "number" && Number.isFinite(value) && value > 0;

/**
 * Returns how many milliseconds lie between the home's sending and our showing, or null.
 *
 * Both are told in the home's own clock by its RTCP sender reports, so no clock has to be right.
 * Before the first report, and in browsers that do not tell, it is unknown. What the camera needs
 * before the home gets its picture is in no statistics.
 *
 * @param {Iterable<any>} report the values of an RTCStatsReport
 * @returns {number | null}
 */
export function delayOf(report) {
  const stats = [...report];
  const shown = stats.find((one) => one.type === "inbound-rtp" && one.kind === "video");
  const told = stats.find((one) => one.type === "remote-outbound-rtp" && one.kind === "video");
  if (!known(shown?.estimatedPlayoutTimestamp) || !known(told?.remoteTimestamp)) return null;
  const pair = stats.find((one) => one.type === "candidate-pair" && one.nominated);
  const journey = known(pair?.currentRoundTripTime) ? (pair.currentRoundTripTime * 1000) / 2 : 0;
  // What the home's clock shows now: what it showed in the report, and what has passed since.
  const there = unix(told.remoteTimestamp) + (shown.timestamp - told.timestamp) + journey;
  const delay = there - unix(shown.estimatedPlayoutTimestamp);
  return delay > -1000 && delay < 60_000 ? Math.max(0, Math.round(delay)) : null;
}

/** Notices that no new picture was decoded for a while. */
export class Freeze {
  #frames = -1;
  #since = 0;

  /**
   * Takes the statistics and the time, and returns for how long the picture has stood still.
   *
   * @param {Iterable<any>} report
   * @param {number} now
   * @returns {number} milliseconds; 0 while it moves
   */
  stands(report, now) {
    const shown = [...report].find((one) => one.type === "inbound-rtp" && one.kind === "video");
    const frames = shown?.framesDecoded ?? 0;
    if (frames !== this.#frames) {
      this.#frames = frames;
      this.#since = now;
    }
    return now - this.#since < FROZEN_MS ? 0 : now - this.#since;
  }
}
