// What a review of the hub tells, read from what each cause writes about itself.

import type { Moment } from "../api/types";

export const CAUSES = [
  "break_glass",
  "repeat",
  "off_shift",
  "own_address",
  "fishing",
  "weekly",
] as const;
export type Cause = (typeof CAUSES)[number];
export const FINDINGS = ["justified", "misuse", "unclear"] as const;
export type Finding = (typeof FINDINGS)[number];

export interface Review {
  id: string;
  cause: Cause;
  subject: string | null;
  incident: string | null;
  about: Readonly<Record<string, unknown>>;
  filed: Moment;
  due: Moment;
  overdue: boolean;
  signed: Moment | null;
  signed_by: string | null;
  finding: Finding | null;
  note: string | null;
}

export interface Sampled {
  entry: number;
  operator: string;
  camera: string;
  incident: string;
  outcome: string;
}

/** What is overdue comes first, then what is due first; what is signed, newest first. */
export function inOrder(reviews: readonly Review[]): Review[] {
  const rank = (one: Review) => (one.signed ? 1 : 0);
  return reviews.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (one.signed && other.signed
        ? Date.parse(other.signed) - Date.parse(one.signed)
        : Date.parse(one.due) - Date.parse(other.due)),
  );
}

/** The looks of a week that were drawn by lot; what is out of shape is left out. */
export function sampleOf(review: Review): Sampled[] {
  const found = review.about["sample"];
  return Array.isArray(found) ? found.filter(isSampled) : [];
}

export function countsOf(review: Review): [what: string, count: number][] {
  const found = review.about["counts"];
  if (typeof found !== "object" || found === null) return [];
  return Object.entries(found)
    .filter((pair): pair is [string, number] => typeof pair[1] === "number")
    .toSorted(([one], [other]) => one.localeCompare(other));
}

/** A member of `about` that is a text or a number; nothing else is shown as it is. */
export function said(review: Review, name: string): string {
  const found = review.about[name];
  return typeof found === "string" || typeof found === "number" ? String(found) : "";
}

export function listed(review: Review, name: string): string[] {
  const found = review.about[name];
  return Array.isArray(found) ? found.map(String) : [];
}

function isSampled(value: unknown): value is Sampled {
  return typeof value === "object" && value !== null && "entry" in value && "operator" in value;
}
