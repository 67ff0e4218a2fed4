// Reads one entry of the log for people: who did what to what, and the rest as names and values.

export const KINDS = [
  "look",
  "look_ended",
  "incident_opened",
  "incident_changed",
  "incident_closed",
  "approval",
  "sighting",
  "message",
  "picture",
  "review",
  "export",
  "log_read",
  "session",
  "operator",
  "token",
  "home",
  "registration",
  "policy",
  "alarm",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Entry {
  kind: string;
  time: string;
  actor: string;
  role: string | null;
  outcome: string;
  home: string | null;
  reference: string;
  /** The incident's id, if the entry tells of one. */
  incident: string;
  camera: string;
  /** All that `about` holds, flat: "case.now", "fox". */
  facts: readonly (readonly [string, string])[];
}

/** Null if the text is no entry: it is shown as it is then. */
export function readEntry(text: string): Entry | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || !isRecord(value["about"])) return null;
  const { about, kind, time, actor, outcome } = value;
  if (![kind, time, actor, outcome].every((one) => typeof one === "string")) return null;
  const incident = about["incident"];
  return {
    kind: kind as string,
    time: time as string,
    actor: actor as string,
    outcome: outcome as string,
    role: textOr(value["role"]) || null,
    home: textOr(value["home"]) || null,
    reference: isRecord(incident) ? textOr(incident["reference"]) : "",
    incident: isRecord(incident) ? textOr(incident["id"]) : textOr(incident),
    camera: textOr(about["camera"]),
    facts: flat(about),
  };
}

function flat(value: Record<string, unknown>, before = ""): (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, one]) => {
    const path = before + name;
    if (isRecord(one)) return flat(one, `${path}.`);
    if (one === null || (Array.isArray(one) && one.length === 0)) return [];
    const simple = ["string", "number", "boolean"].includes(typeof one);
    return [[path, simple ? String(one) : JSON.stringify(one)] as const];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOr(value: unknown): string {
  return typeof value === "string" ? value : "";
}
