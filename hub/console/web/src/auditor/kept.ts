// What this browser remembers of the log: the hub's key and the last checkpoint that added up.

import type { Kept } from "./proof";

const KEPT = "rtcc.log";

export function kept(): Kept | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return isKept(value) ? value : null;
  } catch {
    return null;
  }
}

export function keep(value: Kept | null): void {
  if (value) localStorage.setItem(KEPT, JSON.stringify(value));
  else localStorage.removeItem(KEPT);
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== "object" || value === null) return false;
  const { key, size, root } = value as Partial<Kept>;
  return typeof key === "string" && Number.isSafeInteger(size) && typeof root === "string";
}
