// What an operator does to an incident: shown at once, and true again as soon as the hub answers.

import { signal } from "@preact/signals";
import { ask, Problem } from "../api/http";
import type { Incident } from "../api/types";
import { inHand, incidents, messages, now, put, session, tell } from "../state/store";
import { troubleWith } from "./trouble";
import { t } from "./words";

/** What lies over the queue, beside map and wall, which stay in use. */
export const panel = signal<"new" | "describe" | null>(null);

/** Begins a new incident, by its place if that is what is known. */
export function begin(at: "kind" | "place" = "kind"): void {
  if (panel.value === "new") focusField(at);
  else first = at;
  panel.value = "new";
}

let first: "kind" | "place" = "kind";

/** Goes to the field that a form just opened begins with. */
export function focusFirst(): void {
  focusField(first);
  first = "kind";
}

function focusField(name: string): void {
  document.querySelector<HTMLElement>(`.panel input[name=${name}]`)?.focus();
}

/** What lies over everything; a summary names its incident, which may be over. */
export type Over =
  | { what: "close" | "glass"; incident: string }
  | { what: "summary"; incident: string }
  | { what: "approvals" | "reviews" };
export const over = signal<Over | null>(null);

export function keep(incident: Incident): Incident {
  incidents.value = put(incidents.value, incident.id, incident);
  return incident;
}

/** Takes an incident on: the row is ours at once, the cameras open when the hub agrees. */
export async function accept(id: string): Promise<void> {
  const before = incidents.value.get(id);
  const me = session.value?.pseudonym;
  if (!before || !me) return;
  const mine = { accepted: new Date(now.value).toISOString(), accepted_by: me };
  keep({ ...before, ...mine });
  try {
    keep(await ask<Incident>("POST", `incidents/${id}/acceptance`));
    inHand.value = id;
  } catch (error) {
    // The feed may have told meanwhile who it was.
    if (incidents.value.get(id)?.accepted_by === me) keep(before);
    const problem = await latest(id, error);
    const by = incidents.value.get(id)?.accepted_by;
    if (problem.slug === "accepted" && by) {
      tell(t("tooLate", { reference: isolated(before.reference), who: by }), "bad");
    } else {
      tell(troubleWith(problem), "bad");
    }
  }
}

/** Shows an incident: a new one is accepted by that, one of others is only looked into. */
export function enter(id: string): void {
  const found = incidents.value.get(id);
  if (found && found.accepted_by === null) void accept(id);
  else inHand.value = id;
}

export interface NewIncident {
  kind: string;
  reference: string;
  lat: number;
  lon: number;
  radius_m: number;
  break_glass?: string;
}

/** Opens an incident and takes it on; throws what the hub says against it. */
export async function openIncident(wanted: NewIncident): Promise<void> {
  const opened = keep(await ask<Incident>("POST", "incidents", { body: wanted }));
  await accept(opened.id);
}

/** What was closed at this screen: it needs not be told to whoever did it. */
const closedHere = new Set<string>();
export const closedByMe = (id: string) => closedHere.has(id);

export async function closeIncident(id: string): Promise<void> {
  closedHere.add(id);
  try {
    keep(await ask<Incident>("POST", `incidents/${id}/close`));
  } catch (error) {
    closedHere.delete(id);
    throw error;
  }
}

/** Opens what waits without a second person; a supervisor reviews it. */
export async function breakGlass(id: string, reason: string): Promise<void> {
  keep(await ask<Incident>("PATCH", `incidents/${id}`, { body: { break_glass: reason } }));
}

export async function describeToUnits(id: string, text: string, look?: string): Promise<boolean> {
  const body = look ? { text, look } : { text };
  const message = await ask<import("../api/types").Message>("POST", `incidents/${id}/messages`, {
    body,
  });
  messages.value = put(messages.value, message.id, message);
  return message.sent;
}

/** A reference may be written from right to left: it must not turn the words around it. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

async function latest(id: string, error: unknown): Promise<Problem> {
  if (!(error instanceof Problem)) throw error;
  if (error.status) {
    await ask<Incident>("GET", `incidents/${id}`)
      .then(keep)
      .catch(() => undefined);
  }
  return error;
}
