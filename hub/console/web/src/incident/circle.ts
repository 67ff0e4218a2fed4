// Which cameras an incident's circle holds now, and what they can give.

import type { Camera, Incident, KindRule, Scope } from "../api/types";
import type { Place } from "./coordinates";

const EARTH_M = 6_371_008.8;
const RADIANS = Math.PI / 180;

export function metresBetween(one: Place, other: Place): number {
  const north = Math.sin(((other.lat - one.lat) * RADIANS) / 2);
  const east = Math.sin(((other.lon - one.lon) * RADIANS) / 2);
  const across = Math.cos(one.lat * RADIANS) * Math.cos(other.lat * RADIANS) * east * east;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(north * north + across)));
}

export interface Count {
  live: number;
  stills: number;
}

/** Counts what may be looked at now: until a supervisor agrees that is the smaller circle. */
export function camerasIn(
  incident: Incident,
  rule: KindRule | undefined,
  cameras: Iterable<Camera>,
): Count {
  const allowed: readonly Scope[] = rule?.scopes ?? [];
  const count = { live: 0, stills: 0 };
  for (const camera of cameras) {
    if (metresBetween(incident, camera) > incident.allowed_radius_m) continue;
    const gives = (scope: Scope) => allowed.includes(scope) && camera.scopes.includes(scope);
    if (camera.live && gives("stream")) count.live += 1;
    else if (camera.still !== "none" && gives("snapshot")) count.stills += 1;
  }
  return count;
}

/** What stands between the operator and the whole circle and time. */
export type Standing = "free" | "waits" | "denied" | "given" | "decided";

export function standing(incident: Incident, rule: KindRule | undefined, now: number): Standing {
  if (incident.waits.length) return "waits";
  if (incident.allowed_radius_m < incident.radius_m) return "denied";
  const limit = rule?.approval;
  if (!limit) return "free";
  const long = now >= Date.parse(incident.opened) + limit.duration_s * 1_000;
  // About the time, the incident says that nothing waits any more, but not what was decided.
  if (long) return "decided";
  return incident.radius_m > limit.radius_m ? "given" : "free";
}

/** When one person's time is over; null where the policy knows no such limit. */
export function alone(incident: Incident, rule: KindRule | undefined): string | null {
  if (!rule?.approval) return null;
  return new Date(Date.parse(incident.opened) + rule.approval.duration_s * 1_000).toISOString();
}
