// A page of the log, and the way to the ones before and after.

import { incidents } from "../state/store";
import type { Entry } from "./entry";
import { outcomeIn } from "./outcomes";
import { choose, chosen, newer, older, type Row, shown, turn } from "./reading";
import { Time } from "./Time";
import { kindIn, roleIn, t } from "./words";

/** How operators call the incident: by its reference, if anything tells it. */
export function incidentOf(entry: Entry): string {
  return entry.reference || incidents.value.get(entry.incident)?.reference || entry.incident;
}

export function Entries() {
  const { state, rows, starts, next } = shown.value;
  return (
    <section class="entries" aria-label={t("entries")} aria-busy={state === "loading"}>
      {state === "loading" && <p role="status">{t("loading")}</p>}
      {state === "forbidden" && <p role="alert">{t("forbidden")}</p>}
      {state === "failed" && (
        <div role="alert">
          <p class="trouble">{t("failed")}</p>
          <button type="button" onClick={() => void turn(starts)}>
            {t("again")}
          </button>
        </div>
      )}
      {state === "ready" && rows.length === 0 && (
        <div role="status">
          <p>{t("empty")}</p>
          <p class="quiet">{t("emptyHow")}</p>
        </div>
      )}
      {rows.length > 0 && <Table rows={rows} />}
      {state === "ready" && (
        <p class="buttons">
          <button type="button" disabled={starts.length < 2} onClick={newer}>
            {t("newer")} <kbd>[</kbd>
          </button>
          <button type="button" disabled={next === null} onClick={older}>
            {t("older")} <kbd>]</kbd>
          </button>
        </p>
      )}
    </section>
  );
}

function Table(props: { rows: readonly Row[] }) {
  return (
    <table>
      <thead>
        <tr>
          {(["number", "time", "what", "outcome", "actor", "incident"] as const).map((column) => (
            <th key={column} scope="col">
              {t(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr
            key={row.index}
            class={row === chosen.value ? "chosen" : ""}
            onClick={() => choose(row)}
          >
            <td>
              <button
                type="button"
                id={`entry-${row.index}`}
                aria-label={t("entryOf", { index: row.index })}
                aria-pressed={row === chosen.value}
              >
                {row.index}
              </button>
            </td>
            {row.entry ? <Cells entry={row.entry} /> : <td colSpan={5}>{t("odd")}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cells(props: { entry: Entry }) {
  const { entry } = props;
  return (
    <>
      <td>
        <Time at={entry.time} />
      </td>
      <td>{kindIn(entry.kind)}</td>
      <td>{outcomeIn(entry.outcome)}</td>
      <td>
        <bdi>{entry.actor}</bdi> <span class="quiet">{roleIn(entry.role)}</span>
      </td>
      <td>
        <bdi>{incidentOf(entry)}</bdi>
      </td>
    </>
  );
}
