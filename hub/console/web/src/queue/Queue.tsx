// What waits and what is worked on, in one list; below it the incident in hand.

import { computed, effect, signal, untracked } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { enter, isolated, over, panel } from "../incident/acts";
import { Describe } from "../incident/Describe";
import { kindName } from "../incident/form";
import { InHand } from "../incident/InHand";
import { NewIncident } from "../incident/NewIncident";
import { Overs } from "../incident/Overs";
import { register } from "../keys/keys";
import { city, incidents, link, may, now, session, waiting } from "../state/store";
import { language } from "../words/words";
import { Lately } from "./Lately";
import { QueueHead } from "./QueueHead";
import { queueKeys } from "./queueKeys";
import { QueueRow } from "./QueueRow";
import { arrivals, beside, calling, grouped, type Row, rows } from "./rows";
import { readySound, ring } from "./sound";
import { t } from "./words";
import "./queue.css";
import "../incident/incident.css";
import "../incident/forms.css";
import "../incident/dialogs.css";

const list = computed(() =>
  rows({
    incidents: incidents.value.values(),
    waiting: waiting.value,
    me: session.value?.pseudonym ?? "",
    approves: may("approvals:write"),
    now: now.value,
  }),
);
const chosen = signal<string | null>(null);

export function Queue() {
  const [arrived, setArrived] = useState("");
  useEffect(readySound, []);
  useEffect(() => listen(setArrived), []);
  useEffect(() => register(...queueKeys({ step, take, any: () => list.value.length > 0 })), []);
  const shown = panel.value;
  const behind = calling(list.value).length;
  return (
    <div class="queue-room">
      <p class="unseen" role="status">
        {arrived}
      </p>
      {shown ? (
        <>
          <p class={`behind small${behind ? " some" : ""}`}>{t("waitingBehind", { count: behind })}</p>
          {shown === "new" ? <NewIncident /> : <Describe />}
        </>
      ) : (
        <>
          <QueueHead />
          <List />
          <InHand />
        </>
      )}
      <Overs />
    </div>
  );
}

function List() {
  const all = list.value;
  const first = all.some((row) => row.key === chosen.value) ? chosen.value : all[0]?.key;
  return (
    <div class="list">
      {!all.length && link.value.state !== "connecting" && (
        <p class="nothing quiet">
          {t("empty")}
          <br />
          {t(may("incidents:write") ? "emptyHow" : "emptyRead")}
        </p>
      )}
      {grouped(all).map(([group, found]) => (
        <section key={group} aria-labelledby={`group-${group}`}>
          <h2 id={`group-${group}`} class="quiet small">
            {t(group)} <span class="count">{found.length}</span>
          </h2>
          <ol>
            {found.map((row) => (
              <QueueRow
                key={row.key}
                row={row}
                chosen={row.key === first}
                onChoose={() => (chosen.value = row.key)}
                onTake={() => open(row)}
              />
            ))}
          </ol>
        </section>
      ))}
      <Lately />
    </div>
  );
}

function open(row: Row): void {
  if (row.group === "approval") {
    over.value = { what: "approvals" };
    return;
  }
  const focused = document.activeElement?.matches("[data-row]");
  enter(row.incident);
  // The row goes to another group, and takes the focus along.
  if (focused) requestAnimationFrame(() => rowOf(row.key)?.focus());
}

function take(): void {
  const row = list.value.find((one) => one.key === chosen.value) ?? list.value[0];
  if (row) open(row);
}

function step(by: 1 | -1): void {
  chosen.value = beside(list.value, chosen.value, by);
  const row = rowOf(chosen.value);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function rowOf(key: string | null): HTMLElement | null {
  return document.querySelector(`[data-row="${CSS.escape(key ?? "")}"]`);
}

/** Rings and says what is new, once, and never what was there when the screen came up. */
function listen(say: (text: string) => void): () => void {
  let before: ReadonlySet<string> | null = null;
  return effect(() => {
    const rung = list.value;
    if (link.value.state === "connecting") return;
    const me = untracked(() => session.value?.pseudonym);
    const fresh = arrivals(before, rung).filter(
      (row) => incidents.value.get(row.incident)?.opened_by !== me,
    );
    before = new Set([...(before ?? []), ...rung.map((row) => row.key)]);
    const newest = fresh.at(-1);
    if (!newest) return;
    const isNew = newest.group === "new";
    ring(isNew ? "new" : "approval");
    const kinds = untracked(() => city.value?.policy.kinds);
    const kind = kindName(kinds, newest.kind, untracked(() => language.value));
    say(t(isNew ? "arrived" : "asked", { kind, reference: isolated(newest.reference) }));
  });
}
