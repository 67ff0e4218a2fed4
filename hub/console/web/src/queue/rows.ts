// Decides what waits in the queue, in which order, and what is new in it.

import type { Incident, Waiting } from "../api/types";

export type Group = "new" | "approval" | "mine" | "others";

export interface Row {
  /** Of the row, not of the incident: one incident may wait twice. */
  key: string;
  group: Group;
  incident: string;
  kind: string;
  reference: string;
  since: string;
  ends: string | null;
  who: string | null;
  waits: readonly ("circle" | "time")[];
}

export interface Seen {
  incidents: Iterable<Incident>;
  waiting: readonly Waiting[];
  /** The pseudonym of who sits here. */
  me: string;
  approves: boolean;
  now: number;
}

const ORDER: readonly Group[] = ["new", "approval", "mine", "others"];

/** What waits longest comes first; of what is worked on, the newest. */
export function rows({ incidents, waiting, me, approves, now }: Seen): Row[] {
  const found = [...incidents].filter((one) => isOpen(one, now)).map((one) => ofIncident(one, me));
  if (approves) found.push(...waiting.map(ofWaiting));
  return found.toSorted(
    (one, other) =>
      ORDER.indexOf(one.group) - ORDER.indexOf(other.group) ||
      (one.group === "new" || one.group === "approval" ? 1 : -1) *
        (Date.parse(one.since) - Date.parse(other.since)) ||
      one.key.localeCompare(other.key),
  );
}

export function isOpen(incident: Incident, now: number): boolean {
  return incident.open && Date.parse(incident.ends) > now;
}

/** The rows of each group that has any, in their order. */
export function grouped(list: readonly Row[]): [Group, Row[]][] {
  const all = ORDER.map((group): [Group, Row[]] => [
    group,
    list.filter((row) => row.group === group),
  ]);
  return all.filter(([, found]) => found.length > 0);
}

/** Incidents that are over, the last one first. */
export function lately(incidents: Iterable<Incident>, now: number, most: number): Incident[] {
  return [...incidents]
    .filter((one) => !isOpen(one, now))
    .toSorted((one, other) => Date.parse(over(other)) - Date.parse(over(one)))
    .slice(0, most);
}

export function over(incident: Incident): string {
  return incident.closed ?? incident.ends;
}

/** Keys that were not there before and ask for somebody; none on the first look. */
export function arrivals(before: ReadonlySet<string> | null, list: readonly Row[]): Row[] {
  return before === null ? [] : calling(list).filter((row) => !before.has(row.key));
}

export function calling(list: readonly Row[]): Row[] {
  return list.filter((row) => row.group === "new" || row.group === "approval");
}

/** The row after or before the chosen one; stays at the ends. */
export function beside(list: readonly Row[], chosen: string | null, step: 1 | -1): string | null {
  if (!list.length) return null;
  const at = list.findIndex((row) => row.key === chosen);
  if (at < 0) return list[step > 0 ? 0 : list.length - 1]!.key;
  return list[Math.min(list.length - 1, Math.max(0, at + step))]!.key;
}

function ofIncident(one: Incident, me: string): Row {
  const group = one.accepted_by === null ? "new" : one.accepted_by === me ? "mine" : "others";
  return {
    key: `incident:${one.id}`,
    group,
    incident: one.id,
    kind: one.kind,
    reference: one.reference,
    since: group === "new" ? one.opened : (one.accepted ?? one.opened),
    ends: one.ends,
    who: one.accepted_by,
    waits: one.waits,
  };
}

function ofWaiting(one: Waiting): Row {
  return {
    key: `approval:${one.incident}`,
    group: "approval",
    incident: one.incident,
    kind: one.kind,
    reference: one.reference,
    since: one.opened,
    ends: null,
    who: one.opened_by,
    waits: one.waits,
  };
}
