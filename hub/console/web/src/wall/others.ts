// Who else looks through a camera now.

import type { Look } from "../api/types";

/** A still is over at once; who takes one after the other is there all the same. */
export const STILL_MS = 10_000;

/** The pseudonyms of other operators at this camera. */
export function others(
  looks: Iterable<Look>,
  camera: string,
  me: string | undefined,
  now: number,
): string[] {
  const found = new Set<string>();
  for (const look of looks) {
    if (look.camera !== camera || look.pseudonym === me) continue;
    const still = look.scope === "snapshot" && now - Date.parse(look.asked) < STILL_MS;
    if ((look.scope === "stream" && look.ended === null) || still) found.add(look.pseudonym);
  }
  return [...found].sort();
}
