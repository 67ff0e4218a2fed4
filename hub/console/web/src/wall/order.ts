// Which cameras are on the wall, and in which order: the oldest makes room when it is full.

/** Nobody sees what happens on more pictures than this. */
export const MOST = 9;
/** How many open by themselves. */
export const FIRST = 4;

export interface Order {
  order: readonly string[];
  /** Those that had to go. */
  gone: readonly string[];
  /** Those that are new. */
  come: readonly string[];
  /** Those that found no room. */
  left: readonly string[];
}

/** Adds cameras; those that are over make room first, then the oldest, never the one in focus. */
export function add(
  before: readonly string[],
  wanted: readonly string[],
  over: ReadonlySet<string> = new Set(),
  focused: string | null = null,
): Order {
  const fresh = [...new Set(wanted)].filter((id) => !before.includes(id));
  const come = fresh.slice(0, MOST);
  const stay = new Set([...wanted.slice(0, MOST), ...(focused ? [focused] : [])]);
  const gone: string[] = [];
  const spare = [...before.filter((id) => over.has(id)), ...before.filter((id) => !over.has(id))];
  for (const id of spare) {
    if (before.length - gone.length + come.length <= MOST) break;
    if (!stay.has(id)) gone.push(id);
  }
  const kept = before.filter((id) => !gone.includes(id));
  const room = MOST - kept.length;
  return {
    order: [...kept, ...come.slice(0, room)],
    gone,
    come: come.slice(0, room),
    left: fresh.slice(Math.min(room, MOST)),
  };
}

/** The tile before or after the one in focus, round the wall. */
export function step(order: readonly string[], from: string | null, by: 1 | -1): string | null {
  if (!order.length) return null;
  const at = from === null ? -1 : order.indexOf(from);
  if (at < 0) return (by === 1 ? order[0] : order.at(-1)) ?? null;
  return order[(at + by + order.length) % order.length] ?? null;
}

/** What is in focus after one was closed: its neighbour. */
export function after(order: readonly string[], closed: string): string | null {
  const at = order.indexOf(closed);
  return order[at + 1] ?? order[at - 1] ?? null;
}
