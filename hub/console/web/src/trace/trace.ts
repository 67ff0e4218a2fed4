// The trace of the incident in hand: its sightings in order, how far they can be, who sees them next.

import { computed, signal } from "@preact/signals";
import { ask, Problem } from "../api/http";
import type { Camera, Sighting } from "../api/types";
import { metres } from "../map/geo";
import { cameras, focused, incident, inHand, now, put, sightings, tell } from "../state/store";
import { meansOf, type Next, rank } from "./rank";
import { type Means, type Ring, rings } from "./reach";
import { t } from "./words";

/** How they move as the operator says; null leaves it to the sightings. */
export const said = signal<Means | null>(null);

/** The sightings of the incident in hand, oldest first. */
export const path = computed<readonly Sighting[]>(() =>
  [...sightings.value.values()]
    .filter((one) => one.incident === inHand.value)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.id < b.id ? -1 : 1)),
);

export const means = computed<Means | null>(() => said.value ?? meansOf(path.value));

/** The rings around the newest sighting; both while nobody knows how they move. */
export const reached = computed<readonly Ring[]>(() => {
  const last = path.value.at(-1);
  if (!last || !incident.value?.open) return [];
  return rings(last, now.value, means.value ? [means.value] : ["foot", "car"]);
});

/** One row above the wall. */
export const MOST_OFFERED = 3;

export const next = computed<readonly Next[]>(() => {
  const circle = incident.value;
  if (!circle?.open) return [];
  const allowed = Math.min(circle.radius_m, circle.allowed_radius_m);
  const inside = (camera: Camera) => metres(circle, camera) <= allowed;
  return rank(path.value, cameras.value.values(), inside, now.value, means.value).slice(
    0,
    MOST_OFFERED,
  );
});

/** Marks that they were just seen through a camera; the notice takes it back. */
export async function mark(id: string): Promise<void> {
  const camera = cameras.value.get(id);
  const about = inHand.value;
  if (!about) return;
  try {
    const made = await ask<Sighting>("POST", `incidents/${about}/sightings`, {
      body: { camera: id, note: "" },
    });
    sightings.value = put(sightings.value, made.id, made);
    tell(t("marked", { name: camera?.name ?? "" }), "good", () => void takeBack(made));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(t("failed", { why: problem.message }), "bad");
  }
}

async function takeBack(made: Sighting): Promise<void> {
  try {
    await ask<undefined>("DELETE", `incidents/${made.incident}/sightings/${made.id}`);
    const left = new Map(sightings.value);
    left.delete(made.id);
    sightings.value = left;
    tell(t("unmarked"));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    tell(t("failed", { why: problem.message }), "bad");
  }
}

/** Opens the best next camera in the circle but the one in focus, or says what has to be done first. */
export function hop(open: (ids: readonly string[]) => void): void {
  const best = next.value.find((one) => one.inside && one.camera.camera !== focused.value);
  if (best) {
    open([best.camera.camera]);
    return;
  }
  const [outside] = next.value;
  tell(outside ? t("widen", { name: outside.camera.name }) : t("nowhere"), "bad");
}
