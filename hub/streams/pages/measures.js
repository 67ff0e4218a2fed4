// What the browser's statistics say about a stream: how late it is, and whether it stands still.

const FROZEN_MS = 3000;

/** @param {Iterable<any>} report */
const video = (report) =>
  [...report].find((one) => one.type === "inbound-rtp" && one.kind === "video");

/**
 * Counts how late the picture is: half of a round trip to the home, and what passes between the
 * arrival of a picture and its being ready to show.
 *
 * Nobody's clock has to be right for that. What the camera needs before the home sends its picture
 * is in no statistics, and therefore not in the delay.
 */
export class Delay {
  #frames = 0;
  #spent = 0;

  /**
   * Takes the values of an RTCStatsReport, and returns milliseconds since the one before; null is
   * unknown: nothing was shown, or the browser does not tell.
   *
   * @param {Iterable<any>} report
   * @returns {number | null}
   */
  of(report) {
    const { framesDecoded: frames = 0, totalProcessingDelay: spent } = video(report) ?? {};
    const pairs = [...report].filter((one) => one.type === "candidate-pair" && one.nominated);
    const journey = pairs.find((one) => one.currentRoundTripTime !== undefined);
    const [more, longer] = [frames - this.#frames, spent - this.#spent];
    [this.#frames, this.#spent] = [frames, spent];
    if (!(more > 0) || !(longer >= 0) || !journey) return null;
    return Math.round((longer / more + journey.currentRoundTripTime / 2) * 1000);
  }
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
    const frames = video(report)?.framesDecoded ?? 0;
    if (frames !== this.#frames) {
      this.#frames = frames;
      this.#since = now;
    }
    return now - this.#since < FROZEN_MS ? 0 : now - this.#since;
  }
}
