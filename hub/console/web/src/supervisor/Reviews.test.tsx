// Reviews: the order in which they are due, a week's sample, a signature with its finding.

import { cleanup, configure, fireEvent, render, screen, waitFor } from "@testing-library/preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { session, waiting } from "../state/store";
import { choose } from "../words/words";
import { Approvals } from "./Approvals";
import { countsOf, inOrder, type Review, sampleOf } from "./review";
import { Reviews } from "./Reviews";

function review(id: string, more: Partial<Review> = {}): Review {
  return {
    id,
    cause: "repeat",
    subject: "OF-A",
    incident: null,
    about: { camera: "cam1", looks: 6, entries: [4, 9] },
    filed: "2026-11-20T12:00:00Z",
    due: "2026-11-27T12:00:00Z",
    overdue: false,
    signed: null,
    signed_by: null,
    finding: null,
    note: null,
    ...more,
  };
}

const WEEK = review("week", {
  cause: "weekly",
  subject: null,
  about: {
    week: "2026-11-16",
    counts: { "look.ok": 7, "incident_opened.done": 2 },
    sample: [
      { entry: 12, operator: "OF-B", camera: "cam<b>2</b>", incident: "i", outcome: "ok" },
      "nonsense",
    ],
  },
});

beforeEach(() => {
  choose("en");
  session.value = null;
  waiting.value = [];
});
// A busy machine is slow.
configure({ asyncUtilTimeout: 4_000 });

afterEach(cleanup);

test("overdue and soonest first, signed last", () => {
  const found = inOrder([
    review("signed", { signed: "2026-11-21T12:00:00Z" }),
    review("late", { due: "2026-11-30T12:00:00Z" }),
    review("soon", { due: "2026-11-22T12:00:00Z" }),
  ]);
  expect(found.map((one) => one.id)).toEqual(["soon", "late", "signed"]);
});

test("what is out of shape in a review is left out", () => {
  expect(sampleOf(WEEK)).toHaveLength(1);
  expect(sampleOf(review("r"))).toEqual([]);
  expect(countsOf(WEEK)).toEqual([
    ["incident_opened.done", 2],
    ["look.ok", 7],
  ]);
  expect(countsOf(review("r"))).toEqual([]);
});

test("a week's sample is a table, and a signature needs a finding", async () => {
  const signed = { ...WEEK, signed: "2026-11-21T12:00:00Z", signed_by: "SU-A", finding: "unclear" };
  const sent = vi.spyOn(globalThis, "fetch").mockImplementation((_path, init) => {
    const body = init?.method === "POST" ? signed : { reviews: [WEEK] };
    return Promise.resolve(new Response(JSON.stringify(body), { status: 200 }));
  });
  render(<Reviews onClose={() => undefined} />);
  await waitFor(() => screen.getByText("cam<b>2</b>"));
  expect(screen.getAllByText("Week of 2026-11-16").length).toBeGreaterThan(0);
  fireEvent.click(screen.getByText("Sign"));
  await waitFor(() => screen.getByText("Say what you found."));
  fireEvent.click(screen.getByLabelText("Unclear"));
  fireEvent.click(screen.getByText("Sign"));
  await waitFor(() => screen.getByText(/Signed by SU-A/));
  expect(sent).toHaveBeenCalledTimes(2);
  const [path, init] = sent.mock.calls[1]!;
  expect(path).toBe("/api/v1/reviews/week/signature");
  expect(JSON.parse(String(init?.body))).toEqual({ finding: "unclear", note: "" });
});

test("a hub that fails is said, and asked again", async () => {
  vi.spyOn(globalThis, "fetch").mockImplementation(() =>
    Promise.resolve(new Response("{}", { status: 500 })),
  );
  render(<Reviews onClose={() => undefined} />);
  await waitFor(() => screen.getByText(/cannot be read now/));
  expect(screen.getByText("Try again")).toBeTruthy();
});

test("an approval of one's own incident is somebody else's", () => {
  session.value = {
    session: "s",
    pseudonym: "SU-ME",
    role: "supervisor",
    scopes: ["approvals:write"],
    state: "active",
    locks: "",
    expires: "",
    csrf: "c",
  };
  waiting.value = [
    {
      incident: "i",
      kind: "robbery",
      reference: "CAD-1",
      opened: "2026-11-21T12:00:00Z",
      opened_by: "SU-ME",
      waits: ["circle", "time"],
      radius_m: 700,
      allowed_radius_m: 600,
    },
  ];
  render(<Approvals onClose={() => undefined} />);
  expect(screen.getByText(/somebody else has to decide/)).toBeTruthy();
  expect(screen.queryByText("Approve")).toBeNull();
});
