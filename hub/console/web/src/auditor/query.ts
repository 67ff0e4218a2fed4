// Writes what is searched for as the hub's query (EntriesQuery).

import type { Kind } from "./entry";

export interface Wanted {
  kind: Kind | "";
  actor: string;
  home: string;
  /** Local time as a browser's field gives it: "2026-11-21T14:30"; `until` is excluded. */
  since: string;
  until: string;
}

export const ALL: Wanted = { kind: "", actor: "", home: "", since: "", until: "" };
export const PAGE = 50;

/** Returns the path below /api/v1; `start` is the newest index to show. */
export function pathOf(wanted: Wanted, start: number | null): string {
  const query = new URLSearchParams();
  const { kind, since, until } = wanted;
  if (kind) query.set("kind", kind);
  for (const name of ["actor", "home"] as const) {
    const text = wanted[name].trim();
    if (text) query.set(name, text);
  }
  if (since) query.set("since", new Date(since).toISOString());
  if (until) query.set("until", new Date(until).toISOString());
  if (start !== null) query.set("start", String(start));
  query.set("limit", String(PAGE));
  return `log/entries?${query}`;
}

/** Tells whether the times are in order. */
export function inOrder({ since, until }: Wanted): boolean {
  return !since || !until || since < until;
}
