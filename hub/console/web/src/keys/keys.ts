// Keys: every act has one, told by the room that does it; `?` lists those that do something now.

import { signal } from "@preact/signals";

export interface Key {
  /** As in KeyboardEvent.key, with modifiers: "n", "Shift+N", "Escape", "?". */
  keys: readonly string[];
  /** What it does, in the language of the screen. */
  label: () => string;
  group: () => string;
  /** Whether it does something now. */
  when?: () => boolean;
  run: (event: KeyboardEvent) => void;
}

const registered = signal<readonly Key[]>([]);

/** The keys that do something now. */
export function active(): readonly Key[] {
  return registered.value.filter((key) => key.when?.() ?? true);
}

/** Adds keys, and returns what takes them away again. */
export function register(...keys: readonly Key[]): () => void {
  registered.value = [...registered.value, ...keys];
  return () => {
    registered.value = registered.value.filter((key) => !keys.includes(key));
  };
}

export function name(event: KeyboardEvent): string {
  const parts = [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    // Letters say by themselves whether Shift was held, but only as capitals; signs need no word.
    event.shiftKey && /^([a-z]|[A-Z][a-z]+)$/i.test(event.key) ? "Shift" : "",
    event.key.length === 1 ? event.key.toLowerCase() : event.key,
  ];
  return parts.filter(Boolean).join("+");
}

/** Deals with one key; the newest registered goes first, so that a dialog hides what is below. */
export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || writing(event)) return;
  const pressed = name(event);
  const found = active().findLast((key) => key.keys.includes(pressed));
  if (found) {
    event.preventDefault();
    found.run(event);
  }
}

function writing(event: KeyboardEvent): boolean {
  const target = event.target;
  if (event.key === "Escape" || !(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
