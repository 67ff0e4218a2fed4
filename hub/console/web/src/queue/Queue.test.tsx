// The queue on the screen: rows with words, keys that walk it, and who was faster.

import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { accept, over, panel } from "../incident/acts";
import { press } from "../keys/keys";
import { city, incidents, inHand, link, notices, now, session, waiting } from "../state/store";
import { choose } from "../words/words";
import { Queue } from "./Queue";
import { incident } from "./sample";

const ME = "OF-ME";
const NOW = Date.parse("2026-11-21T12:00:00Z");
const RULE = { name: { en: "Robbery", es: "Robo" }, radius_m: 800, duration_s: 7_200, scopes: [] };

function hub(status: number, body: unknown) {
  const answer = () => Promise.resolve(new Response(JSON.stringify(body), { status }));
  return vi.spyOn(globalThis, "fetch").mockImplementation(answer);
}

beforeEach(() => {
  choose("en");
  now.value = NOW;
  link.value = { state: "live", since: 0 };
  city.value = { name: "Jackson", policy: { version: "1", kinds: { robbery: RULE } } };
  session.value = {
    session: "s",
    pseudonym: ME,
    role: "officer",
    scopes: ["incidents:read", "incidents:write", "grants:read"],
    state: "active",
    locks: "",
    expires: "",
    csrf: "c",
  };
  incidents.value = new Map();
  waiting.value = [];
  [inHand.value, panel.value, over.value, notices.value] = [null, null, null, []];
  document.addEventListener("keydown", press);
});
// A busy machine is slow.
configure({ asyncUtilTimeout: 4_000 });

afterEach(() => {
  cleanup();
  document.removeEventListener("keydown", press);
});

function arrive(...found: ReturnType<typeof incident>[]): void {
  incidents.value = new Map(found.map((one) => [one.id, one]));
}

test("an empty queue says how something comes into it", () => {
  render(<Queue />);
  expect(screen.getByText(/Nothing waits/)).toBeTruthy();
});

test("a row says what it is in words, and a hostile reference is text", async () => {
  const { container } = render(<Queue />);
  arrive(incident("1", { reference: "<b>x</b>", opened: "2026-11-21T11:59:18Z" }));
  await waitFor(() => screen.getByText("<b>x</b>"));
  const row = container.querySelector(".row.new")!;
  expect(row.textContent).toContain("Robbery");
  expect(row.textContent).toContain("0:42");
  expect(row.textContent).toContain("not accepted");
  expect(row.querySelector("b")).toBeNull();
  await waitFor(() => expect(container.querySelector("[role=status]")?.textContent).toMatch(/New/));
});

test("j and k walk, and a accepts what has the focus", async () => {
  const sent = hub(200, incident("2", { accepted_by: ME, accepted: "2026-11-21T12:00:00Z" }));
  render(<Queue />);
  arrive(incident("1"), incident("2", { opened: "2026-11-21T11:55:00Z" }));
  await waitFor(() => screen.getByText("CAD-2"));
  fireEvent.keyDown(document, { key: "j" });
  expect(document.activeElement?.textContent).toContain("CAD-1");
  fireEvent.keyDown(document, { key: "j" });
  expect(document.activeElement?.textContent).toContain("CAD-2");
  fireEvent.keyDown(document, { key: "a" });
  await waitFor(() => expect(inHand.value).toBe("2"));
  expect(sent.mock.calls[0]![0]).toBe("/api/v1/incidents/2/acceptance");
  await waitFor(() => screen.getByText("Incident in hand"));
  await waitFor(() => expect(document.activeElement?.textContent).toContain("CAD-2"));
});

test("whoever was slower is told by whom, and has nothing in hand", async () => {
  const theirs = incident("1", { accepted_by: "OF-YOU", accepted: "2026-11-21T12:00:00Z" });
  arrive(incident("1"));
  const answers = [
    new Response(JSON.stringify({ type: "urn:jackson-rtcc:problem:accepted", detail: "" }), {
      status: 409,
    }),
    new Response(JSON.stringify(theirs)),
  ];
  vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(answers.shift()!));
  const doing = accept("1");
  // Ours on the screen at once, until the hub says otherwise.
  expect(incidents.value.get("1")?.accepted_by).toBe(ME);
  await doing;
  expect(incidents.value.get("1")?.accepted_by).toBe("OF-YOU");
  expect(inHand.value).toBeNull();
  expect(notices.value.at(-1)?.text).toMatch(/CAD-1.*OF-YOU was faster/);
});

test("a hub that does not answer leaves the incident as it was", async () => {
  arrive(incident("1"));
  vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("no network"));
  await accept("1");
  expect(incidents.value.get("1")?.accepted_by).toBeNull();
  expect(notices.value.at(-1)?.text).toContain("does not answer");
});

test("the form of a new incident has the focus at once, and gives it back", async () => {
  const { container } = render(<Queue />);
  fireEvent.keyDown(document, { key: "n" });
  await waitFor(() => expect(document.activeElement?.getAttribute("name")).toBe("kind"));
  fireEvent.keyDown(document.activeElement!, { key: "1" });
  await waitFor(() => expect(document.activeElement?.getAttribute("name")).toBe("reference"));
  expect(container.querySelector<HTMLInputElement>("input[name=radius]")?.value).toBe("800");
  fireEvent.keyDown(document.activeElement!, { key: "Escape" });
  await waitFor(() => screen.getByText(/Nothing waits/));
});

test("a slash begins with the place", async () => {
  render(<Queue />);
  fireEvent.keyDown(document, { key: "/" });
  await waitFor(() => expect(document.activeElement?.getAttribute("name")).toBe("place"));
});

test("nothing in hand has no keys to describe or close", () => {
  render(<Queue />);
  fireEvent.keyDown(document, { key: "d" });
  fireEvent.keyDown(document, { key: "C", shiftKey: true });
  expect(panel.value).toBeNull();
  expect(over.value).toBeNull();
});
