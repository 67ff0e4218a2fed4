// Which stills can be sent with a description: the newest of each camera that I took for the incident.

import type { Look } from "../api/types";

/** The hub holds a still that nobody attached for some minutes; an older one may be gone. */
const HELD_MS = 5 * 60_000;
const MOST = 4;

export interface StillOf {
  look: string;
  camera: string;
  at: string;
}

export function stillsFor(
  incident: string,
  me: string,
  looks: Iterable<Look>,
  now: number,
): StillOf[] {
  const newest = new Map<string, StillOf>();
  for (const look of looks) {
    const mine = look.incident === incident && look.pseudonym === me;
    if (!mine || look.scope !== "snapshot" || look.outcome !== "ok") continue;
    const at = look.ended ?? look.asked;
    if (now - Date.parse(at) > HELD_MS) continue;
    const known = newest.get(look.camera);
    if (!known || Date.parse(known.at) < Date.parse(at)) {
      newest.set(look.camera, { look: look.id, camera: look.camera, at });
    }
  }
  return [...newest.values()]
    .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))
    .slice(0, MOST);
}
