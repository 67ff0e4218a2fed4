// Dark by default, light as a choice that is kept.

import { signal } from "@preact/signals";

export type Theme = "dark" | "light";
const KEPT = "rtcc.theme";

export const theme = signal<Theme>("dark");

export function startTheme(): void {
  set(localStorage.getItem(KEPT) === "light" ? "light" : "dark");
}

export function toggleTheme(): void {
  set(theme.value === "dark" ? "light" : "dark");
  localStorage.setItem(KEPT, theme.value);
}

function set(wanted: Theme): void {
  theme.value = wanted;
  document.documentElement.dataset["theme"] = wanted;
}
