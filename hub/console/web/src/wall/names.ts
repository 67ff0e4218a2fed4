// A camera's name inside a sentence: it can be anything, of any length, in any direction.

import { t } from "./words";

const LONGEST = 40;

/** Kept short, and from turning the words around it. */
export function shortName(named: { name: string } | null | undefined): string {
  const letters = [...(named?.name.trim() ?? "")];
  if (!letters.length) return t("unnamed");
  const cut = letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : letters.join("");
  return `\u2068${cut}\u2069`;
}
