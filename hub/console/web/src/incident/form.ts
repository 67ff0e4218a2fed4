// Checks a new incident's form against the policy, before the hub does the same.

import type { City, KindRule } from "../api/types";
import type { NewIncident } from "./acts";
import type { Place } from "./coordinates";

export const LONGEST_REFERENCE = 64;
export const LEAST_REASON = 20;
export const LONGEST_REASON = 300;
export const LEAST_RADIUS = 10;

export interface Draft {
  kind: string;
  reference: string;
  place: Place | null;
  /** As typed, so that half a number is not lost. */
  radius: string;
  /** Open the wide circle at once, and be reviewed for it. */
  glass: boolean;
  reason: string;
}

export type Field = "kind" | "reference" | "place" | "radius" | "reason";
export type Flaw =
  | "kindMissing"
  | "referenceMissing"
  | "referenceLong"
  | "referenceOdd"
  | "placeMissing"
  | "radiusNone"
  | "radiusSmall"
  | "radiusLarge"
  | "reasonShort";
export type Flaws = Partial<Record<Field, Flaw>>;

export type Kinds = City["policy"]["kinds"];

export function emptyDraft(): Draft {
  return { kind: "", reference: "", place: null, radius: "", glass: false, reason: "" };
}

/** How far one person may look without a supervisor. */
export function usualRadius(rule: KindRule): number {
  return rule.approval?.radius_m ?? rule.radius_m;
}

export function metres(text: string): number | null {
  const bare = text.trim().replace(/\s*m$/i, "").replace(",", ".");
  return /^\d+(\.\d+)?$/.test(bare) ? Number(bare) : null;
}

/** Whether a second person has to agree to so large a circle. */
export function needsApproval(rule: KindRule | undefined, radius: number | null): boolean {
  return rule?.approval !== undefined && radius !== null && radius > rule.approval.radius_m;
}

export function check(draft: Draft, kinds: Kinds): { flaws: Flaws; wanted: NewIncident | null } {
  const flaws: Flaws = {};
  const rule = kinds[draft.kind];
  if (!rule) flaws.kind = "kindMissing";
  const reference = draft.reference.trim();
  if (!reference) flaws.reference = "referenceMissing";
  else if ([...reference].length > LONGEST_REFERENCE) flaws.reference = "referenceLong";
  else if (/[\p{C}\p{Zl}\p{Zp}]/u.test(reference)) flaws.reference = "referenceOdd";
  if (!draft.place) flaws.place = "placeMissing";
  const radius = metres(draft.radius);
  if (radius === null) flaws.radius = "radiusNone";
  else if (radius < LEAST_RADIUS) flaws.radius = "radiusSmall";
  else if (rule && radius > rule.radius_m) flaws.radius = "radiusLarge";
  const breaks = draft.glass && needsApproval(rule, radius);
  const reason = draft.reason.trim();
  if (breaks && reason.length < LEAST_REASON) flaws.reason = "reasonShort";
  if (Object.keys(flaws).length || !draft.place || radius === null) return { flaws, wanted: null };
  const { lat, lon } = draft.place;
  const wanted = { kind: draft.kind, reference, lat, lon, radius_m: radius };
  return { flaws, wanted: breaks ? { ...wanted, break_glass: reason } : wanted };
}

/** A kind's name in the language of the screen; a kind of a newer policy shows as it is called. */
export function kindName(kinds: Kinds | undefined, kind: string, language: string): string {
  const name = kinds?.[kind]?.name;
  return name?.[language] ?? name?.["en"] ?? kind.replaceAll("_", " ");
}
