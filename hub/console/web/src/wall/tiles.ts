// The tiles of the incident in hand: opened, followed, closed; nothing runs that is not shown.

import { computed, signal, type Signal } from "@preact/signals";
import type { Camera } from "../api/types";
import { cameras, focused, incident, may, now, tell, wall } from "../state/store";
import { announce } from "./announce";
import { add, after, MOST } from "./order";
import { createRunner, type Runner } from "./runner";
import { shortName } from "./names";
import { onlyStills, opened, reduce, underWay, type Act, type Tile, type Want } from "./tile";
import { t } from "./words";

interface Held {
  tile: Signal<Tile>;
  runner: Runner;
  retry?: ReturnType<typeof setTimeout>;
}

const held = signal<ReadonlyMap<string, Held>>(new Map());
/** A picture that is not shown any more may still be in use by a form for so long. */
const REVOKED_AFTER_MS = 10_000;

/** The tiles, in their order. */
export const tiles = computed(() =>
  wall.value.flatMap((id) => held.value.get(id)?.tile ?? []),
);

export function tileOf(id: string | null): Tile | null {
  return held.value.get(id ?? "")?.tile.value ?? null;
}

export function videoOf(id: string): HTMLVideoElement | null {
  return held.value.get(id)?.runner.video ?? null;
}

/** The newest still of a camera on the wall that the hub may still have. */
export function newestStill(id: string | null): Tile["still"] {
  return tileOf(id)?.still ?? null;
}

/** Opens cameras, or goes to them if they are open; the first of them gets the focus. */
export function openTiles(ids: readonly string[], { focus = true } = {}): void {
  const mine = incident.value;
  if (!mine?.open || !may("looks:write") || !ids.length) return;
  const over = new Set(tiles.value.map((one) => one.value).filter(isOver).map(({ camera }) => camera));
  const { order, come, gone, left } = add(wall.value, ids, over, focused.value);
  sayRoom(gone, left.length);
  const next = new Map(held.value);
  for (const id of gone) end(next, id);
  const begun: [string, Want][] = [];
  for (const id of come) {
    const camera = cameras.value.get(id);
    const want: Want = camera && onlyStills(camera) ? "stills" : "live";
    const tile = signal(opened(camera, id, want));
    next.set(id, { tile, runner: createRunner(mine.id, id, (act) => take(id, tile, act)) });
    begun.push([id, want]);
  }
  held.value = next;
  wall.value = order;
  const first = ids.find((id) => order.includes(id));
  if (first && (focus || !focused.value)) focused.value = first;
  for (const [id, want] of begun) look(id, want);
}

/** Begins a tile's pictures, again or of another kind. */
export function look(id: string, want?: Want): void {
  const found = held.value.get(id);
  if (!found || !incident.value?.open) return;
  const camera = cameras.value.get(id);
  const why = camera ? onlyStills(camera) : "";
  const wanted = why ? "stills" : (want ?? found.tile.value.want);
  clearTimeout(found.retry);
  take(id, found.tile, { kind: "begun", want: wanted });
  found.runner.begin(wanted, camera?.still_every_s ?? 2, why || "chosen");
}

/** Live, or stills only. */
export function toggle(id: string): void {
  const tile = tileOf(id);
  if (tile) look(id, tile.phase === "stills" ? "live" : "stills");
}

/** Closes a tile; its neighbour gets the focus. */
export function closeTile(id: string): void {
  if (!held.value.has(id)) return;
  const next = new Map(held.value);
  end(next, id);
  if (focused.value === id) focused.value = after(wall.value, id);
  wall.value = wall.value.filter((one) => one !== id);
  held.value = next;
}

/** Closes all of them; done when the hub knows. */
export async function closeAll(): Promise<void> {
  const next = new Map(held.value);
  const ends = [...next.keys()].map((id) => end(next, id));
  wall.value = [];
  focused.value = null;
  held.value = next;
  await Promise.all(ends);
}

/** Whether live can be chosen for a camera. */
export function mayLive(camera: Camera | undefined): boolean {
  return camera !== undefined && !onlyStills(camera);
}

export function change(id: string, act: Act): void {
  const found = held.value.get(id);
  if (found) take(id, found.tile, act);
}

function take(id: string, tile: Signal<Tile>, act: Act): void {
  const before = tile.value;
  const next = reduce(before, act);
  tile.value = next;
  if (before.still && before.still.url !== next.still?.url) forget(before.still.url);
  const found = held.value.get(id);
  if (found?.tile !== tile) return;
  announce(before, next);
  if (next.phase === "waiting" && next.again !== before.again && next.again !== null) {
    clearTimeout(found.retry);
    found.retry = setTimeout(() => look(id), Math.max(0, next.again - now.value));
  }
}

function end(among: Map<string, Held>, id: string): Promise<void> {
  const found = among.get(id);
  among.delete(id);
  if (!found) return Promise.resolve();
  clearTimeout(found.retry);
  if (found.tile.value.still) forget(found.tile.value.still.url);
  return found.runner.end();
}

function forget(url: string): void {
  setTimeout(() => URL.revokeObjectURL(url), REVOKED_AFTER_MS);
}

function isOver(tile: Tile): boolean {
  return !underWay(tile);
}

function sayRoom(gone: readonly string[], left: number): void {
  const [first] = gone;
  if (gone.length === 1 && first) {
    tell(t("madeRoom", { name: shortName(tileOf(first)), most: MOST }));
  } else if (gone.length) {
    tell(t("madeRoomMany", { count: gone.length, most: MOST }));
  }
  if (left) tell(t("tooMany", { most: MOST, count: left }));
}
