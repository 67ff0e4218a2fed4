// What screen readers are told of the wall: what changed, seldom, and together.

import { signal } from "@preact/signals";
import { shortName } from "./names";
import { because } from "./reasons";
import { news, type Tile } from "./tile";
import { t } from "./words";

export const said = signal("");
const TOGETHER_MS = 800;
/** More than this are told as numbers. */
const ONE_BY_ONE = 2;

const changed = new Map<string, Tile>();
let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(before: Tile, tile: Tile): void {
  if (!news(before, tile)) return;
  changed.set(tile.camera, tile);
  timer ??= setTimeout(() => {
    timer = undefined;
    said.value = sentence([...changed.values()]);
    changed.clear();
  }, TOGETHER_MS);
}

export function sentence(changes: readonly Tile[]): string {
  if (changes.length <= ONE_BY_ONE) {
    return changes.map((tile) => `${shortName(tile)}: ${state(tile)}`).join(". ");
  }
  const count = (phases: readonly string[]) =>
    changes.filter(({ phase }) => phases.includes(phase)).length;
  const [live, stills, over] = [count(["live"]), count(["stills"]), count(["over", "waiting"])];
  return [
    live && t("someLive", { count: live }),
    stills && t("someStills", { count: stills }),
    over && t("someOver", { count: over }),
  ]
    .filter(Boolean)
    .join(", ");
}

function state(tile: Tile): string {
  if (tile.phase === "live") return t(tile.frozen ? "frozen" : "live");
  if (tile.phase === "stills") return t("still");
  return because(tile.reason);
}
