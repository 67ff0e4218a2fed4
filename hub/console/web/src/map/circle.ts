// The circle of the incident in hand: how far it may go, its next sizes, and the saying so to the hub.

import { computed, signal } from "@preact/signals";
import { ask, Problem } from "../api/http";
import type { Incident, KindRule } from "../api/types";
import { city, dismiss, incident, incidents, may, notices, put, tell } from "../state/store";
import type { Place } from "./geo";
import { t } from "./words";

export interface Circle extends Place {
  radius_m: number;
}

/** As far as one person may go, and as far as anyone may. */
export interface Limits {
  alone: number;
  most: number;
}

export const LEAST_M = 25;
/** Keys change the circle at once; the hub is told when they rest. */
const REST_MS = 500;

export function limits(rule: KindRule | undefined): Limits {
  const most = rule?.radius_m ?? Number.POSITIVE_INFINITY;
  return { alone: Math.min(most, rule?.approval?.radius_m ?? most), most };
}

export function within(radius: number, { most }: Limits): number {
  return Math.round(Math.max(LEAST_M, Math.min(most, radius)));
}

/** The next size, larger or smaller: steps of 50 m, from 500 m on of 100 m. */
export function stepped(radius: number, larger: boolean, limit: Limits): number {
  const step = radius > 500 || (larger && radius === 500) ? 100 : 50;
  const next = larger
    ? (Math.floor(radius / step) + 1) * step
    : (Math.ceil(radius / step) - 1) * step;
  return within(next, limit);
}

/** The circle that is being changed here, before the hub has agreed. */
export const draft = signal<Circle | null>(null);

/** The circle to draw. */
export const circle = computed<Circle | null>(() => {
  const mine = incident.value;
  if (!mine) return null;
  return draft.value ?? mine;
});

export const reach = computed<Limits>(() =>
  limits(city.value?.policy.kinds[incident.value?.kind ?? ""]),
);

export function changeable(): boolean {
  return Boolean(incident.value?.open) && may("incidents:write");
}

/** The notice about the circle, of which there is one: the newest. */
let last = 0;
function note(text: string, tone?: "good" | "bad", undo?: () => void): void {
  dismiss(last);
  tell(text, tone, undo);
  last = notices.value.at(-1)?.id ?? 0;
}

let rest: ReturnType<typeof setTimeout> | undefined;

/** Makes the circle larger or smaller by a key. */
export function resize(larger: boolean): void {
  const now = circle.value;
  if (!now || !changeable()) return;
  const radius = stepped(now.radius_m, larger, reach.value);
  if (radius === Math.round(now.radius_m)) {
    if (larger) note(t("most", { metres: radius }));
    return;
  }
  draft.value = { lat: now.lat, lon: now.lon, radius_m: radius };
  settleSoon();
}

/** Moves the circle's centre by a key; nothing is sent until the keys rest. */
export function nudge(to: Place): void {
  const now = circle.value;
  if (!now || !changeable()) return;
  draft.value = { ...to, radius_m: now.radius_m };
  settleSoon();
}

function settleSoon(): void {
  clearTimeout(rest);
  rest = setTimeout(() => void settle(), REST_MS);
}

/** Tells the hub the circle as it is drawn now. */
export async function settle(): Promise<void> {
  clearTimeout(rest);
  const [mine, wanted] = [incident.value, draft.value];
  if (!mine || !wanted) return;
  const before: Circle = { lat: mine.lat, lon: mine.lon, radius_m: mine.radius_m };
  if (same(before, wanted)) {
    draft.value = null;
    return;
  }
  const text = t(same({ ...before, radius_m: wanted.radius_m }, wanted) ? "resized" : "moved", {
    metres: Math.round(wanted.radius_m),
  });
  if (await told(mine.id, wanted)) note(text, "good", () => void told(mine.id, before));
}

/** Forgets what was drawn here and not yet said. */
export function forget(): void {
  clearTimeout(rest);
  draft.value = null;
}

function same(a: Circle, b: Circle): boolean {
  return a.lat === b.lat && a.lon === b.lon && a.radius_m === b.radius_m;
}

async function told(id: string, { lat, lon, radius_m }: Circle): Promise<boolean> {
  const said = draft.value;
  try {
    const now = await ask<Incident>("PATCH", `incidents/${id}`, { body: { lat, lon, radius_m } });
    incidents.value = put(incidents.value, id, { ...incidents.value.get(id), ...now });
    return true;
  } catch (error) {
    note(error instanceof Problem ? error.message : t("failed"), "bad");
    return false;
  } finally {
    if (draft.value === said) draft.value = null;
  }
}
