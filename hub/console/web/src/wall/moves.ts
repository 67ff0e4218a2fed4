// Follows the incident in hand: its nearest cameras open by themselves, and each keeps its wall.

import { effect, untracked } from "@preact/signals";
import type { Camera, Incident } from "../api/types";
import { inCircle } from "../map/nearest";
import { inHand, incident, incidents, now, session, tell, wall } from "../state/store";
import { FIRST } from "./order";
import { underWay } from "./tile";
import { closeAll, openTiles, tiles } from "./tiles";
import { t } from "./words";

/** Who takes an incident on wants to see; who looks into one, or loads the screen again, may not. */
export const FRESH_MS = 60_000;

const kept = new Map<string, readonly string[]>();
const begun = new Set<string>();

/** Whether the nearest cameras of the incident in hand open by themselves now. */
export function opensItself(
  mine: { accepted: string | null; accepted_by: string | null; open: boolean } | null,
  me: string | undefined,
  time: number,
): boolean {
  if (!mine?.open || !mine.accepted || mine.accepted_by !== me) return false;
  return time - Date.parse(mine.accepted) < FRESH_MS;
}

/** The cameras that were open when the incident was left, or the session locked. */
export function keptOf(id: string): readonly string[] {
  return kept.get(id) ?? [];
}

/** Begins to follow; what it returns ends that, and all looks with it. */
export function followMoves(): () => void {
  let last: string | null = null;
  // Signing in or unlocking is no wish to look.
  let arrived = false;

  function arrive(id: string | null): void {
    if (id === last) return;
    leave(last);
    last = id;
    const before = kept.get(id ?? "");
    if (before?.length && arrived) openTiles(before, { focus: false });
  }

  const stop = effect(() => {
    const mine = incident.value;
    const nearest = inCircle.value;
    untracked(() => {
      arrive(mine?.open ? mine.id : null);
      arrived = true;
      if (mine && nearest.length) openFirst(mine, nearest);
    });
  });
  return () => {
    stop();
    leave(last);
  };
}

function openFirst(mine: Incident, nearest: readonly Camera[]): void {
  if (begun.has(mine.id) || !opensItself(mine, session.value?.pseudonym, now.value)) return;
  begun.add(mine.id);
  if (!wall.value.length) openTiles(nearest.slice(0, FIRST).map(({ camera }) => camera));
}

/** What nobody sees is not looked at: it ends at once, and begins again on the way back. */
function leave(id: string | null): void {
  const running = tiles.value.filter((tile) => underWay(tile.value));
  if (id) kept.set(id, running.map((tile) => tile.value.camera));
  const left = incidents.value.get(id ?? "");
  if (left?.open && running.length && inHand.value !== id) {
    const reference = `\u2068${left.reference}\u2069`;
    tell(t("movedOn", { count: running.length, reference }));
  }
  void closeAll();
}
