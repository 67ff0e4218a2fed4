// Keys: what is pressed does what the newest room says, and nothing while someone writes.

import { afterEach, expect, test, vi } from "vitest";
import { active, name, press, register } from "./keys";

const taken: (() => void)[] = [];
afterEach(() => {
  for (const away of taken.splice(0)) away();
});

function key(pressed: string, run = vi.fn(), when = () => true) {
  taken.push(register({ keys: [pressed], label: () => "does", group: () => "here", when, run }));
  return run;
}

function event(pressed: string, more: KeyboardEventInit = {}): KeyboardEvent {
  return new KeyboardEvent("keydown", { key: pressed, cancelable: true, ...more });
}

test("the newest room goes first", () => {
  const below = key("Escape");
  const dialog = key("Escape");
  press(event("Escape"));
  expect(dialog).toHaveBeenCalledOnce();
  expect(below).not.toHaveBeenCalled();
});

test("a key that does nothing now is not listed, and lets others pass", () => {
  const run = key("a", vi.fn(), () => false);
  const pressed = event("a");
  press(pressed);
  expect(run).not.toHaveBeenCalled();
  expect(pressed.defaultPrevented).toBe(false);
  expect(active()).toEqual([]);
});

test("who writes is left alone, but for Escape", () => {
  const letter = key("n");
  const escape = key("Escape");
  const field = document.body.appendChild(document.createElement("input"));
  field.addEventListener("keydown", press);
  field.dispatchEvent(event("n", { bubbles: true }));
  field.dispatchEvent(event("Escape", { bubbles: true }));
  expect(letter).not.toHaveBeenCalled();
  expect(escape).toHaveBeenCalledOnce();
  field.remove();
});

test.each([
  [{ key: "N", shiftKey: true }, "Shift+n"],
  [{ key: "?", shiftKey: true }, "?"],
  [{ key: "Enter", ctrlKey: true }, "Ctrl+Enter"],
  [{ key: "ArrowUp", shiftKey: true }, "Shift+ArrowUp"],
])("%o is %s", (init, expected) => {
  expect(name(new KeyboardEvent("keydown", init))).toBe(expected);
});
