// A tile in full screen: its words and buttons stay with the picture.

import { signal } from "@preact/signals";

export const elements = new Map<string, HTMLElement>();
const full = signal<Element | null>(null);

globalThis.document?.addEventListener("fullscreenchange", () => {
  full.value = document.fullscreenElement;
});

export function isFull(id: string): boolean {
  return full.value !== null && full.value === elements.get(id);
}

export async function toggleFull(id: string): Promise<void> {
  const element = elements.get(id);
  if (!element) return;
  if (document.fullscreenElement === element) await document.exitFullscreen();
  else await element.requestFullscreen().catch(() => undefined);
}

/** Gives a tile the keyboard. */
export function goTo(id: string | null): void {
  elements.get(id ?? "")?.focus();
}
