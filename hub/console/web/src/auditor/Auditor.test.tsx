// The access log on the screen: loading, empty, failed, forbidden, pages, and a key that changed.

import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import keysText from "../../../../../tests/vectors/keys.json?raw";
import logText from "../../../../../tests/vectors/log.json?raw";
import { active, press } from "../keys/keys";
import { choose as speak } from "../words/words";
import { Auditor } from "./Auditor";
import { keep, kept } from "./kept";
import { ALL } from "./query";
import { choose, wanted } from "./reading";

const log = JSON.parse(logText);
const keys = JSON.parse(keysText) as { name: string; jwk: { x: string } }[];
const KEY = keys.find((one) => one.name === "hub")?.jwk.x ?? "";
const STRANGER = keys.find((one) => one.name === "stranger")?.jwk.x ?? "";
const ENTRIES = [{ index: 3, entry: log.logged.entry }];

type Answers = Readonly<Record<string, () => Response>>;
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
function hub(answers: Answers) {
  return vi.spyOn(globalThis, "fetch").mockImplementation((url) => {
    const path = String(url).replace("/api/v1/", "");
    const found = Object.entries(answers).find(([start]) => path.startsWith(start));
    return Promise.resolve(found ? found[1]() : json({}, 404));
  });
}
const page = (next: number | null = null) => ({
  "log/entries?": () => json({ entries: ENTRIES, next }),
  "log/entries/3": () => json(log.logged),
  city: () => json({ key: { x: KEY } }),
});

beforeEach(() => {
  speak("en");
  keep(null);
  choose(null);
  wanted.value = ALL;
  document.addEventListener("keydown", press);
});
afterEach(() => {
  document.removeEventListener("keydown", press);
  cleanup();
});

test("an entry is read in words, and its proof checked and kept, by keys alone", async () => {
  const asked = hub(page());
  render(<Auditor />);
  expect(screen.getByText("Reading the log …")).toBeTruthy();
  await screen.findByLabelText("Entry 3");
  fireEvent.keyDown(document.body, { key: "j" });
  await screen.findByText("Entry 3");
  expect(screen.getAllByText("2026-0701-0042").length).toBeGreaterThan(0);
  fireEvent.keyDown(document.body, { key: "c" });
  await screen.findByText("The entry is in the log, unchanged.");
  expect(kept()).toMatchObject({ key: KEY, size: 7 });
  fireEvent.keyDown(document.body, { key: "c" });
  await screen.findByText(/only grew since this browser saw 7/);
  expect(asked.mock.calls.map(([url]) => url)).toContain("/api/v1/log/entries/3?since=7");
});

test("another key of the hub is an alarm, until somebody says that it is right", async () => {
  hub(page());
  keep({ key: STRANGER, size: 2, root: "Pic5XsSkgM9iy/GzkXGcCrDQElLqEWeppcA7PtnWvzI=" });
  render(<Auditor />);
  fireEvent.click(await screen.findByLabelText("Entry 3"));
  fireEvent.click(await screen.findByText(/Check the proof/));
  await screen.findByText("This does not add up. Keep this page, and report it.");
  expect(kept()).toMatchObject({ key: STRANGER, size: 2 });
  fireEvent.click(screen.getByText("The city confirmed it: keep this key"));
  await screen.findByText("The entry is in the log, unchanged.");
  expect(kept()).toMatchObject({ key: KEY });
});

test.each([
  [json({ entries: [], next: null }), "No entry is like that."],
  [json({}, 500), "The log cannot be read now."],
  [json({}, 403), "This account may not read the log."],
])("what is not there is said", async (answer, words) => {
  hub({ "log/entries?": () => answer });
  render(<Auditor />);
  await screen.findByText(words);
});

test("a proof that cannot be had says that nothing was checked", async () => {
  hub({ ...page(), "log/entries/3": () => json({}, 500) });
  render(<Auditor />);
  fireEvent.click(await screen.findByLabelText("Entry 3"));
  fireEvent.click(await screen.findByText(/Check the proof/));
  await screen.findByText(/Nothing was checked/);
});

test("pages go back and forth, and a search asks for what it says", async () => {
  const asked = hub(page(2));
  render(<Auditor />);
  await screen.findByLabelText("Entry 3");
  const last = () => String(asked.mock.calls.at(-1)?.[0]);
  fireEvent.keyDown(document.body, { key: "]" });
  await waitFor(() => expect(last()).toContain("start=2"));
  await screen.findByLabelText("Entry 3");
  fireEvent.keyDown(document.body, { key: "[" });
  await waitFor(() => expect(last()).not.toContain("start"));
  fireEvent.input(screen.getByLabelText("Who (pseudonym)"), { target: { value: "OF-7" } });
  fireEvent.click(screen.getByText("Search"));
  await waitFor(() => expect(last()).toContain("actor=OF-7"));
});

test("no two of its keys collide", async () => {
  hub(page(2));
  render(<Auditor />);
  await screen.findByLabelText("Entry 3");
  const all = active().flatMap((key) => key.keys);
  expect(new Set(all).size).toBe(all.length);
});
