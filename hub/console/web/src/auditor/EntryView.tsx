// One entry: in words, all that it holds, the bytes that were hashed, and its proof.

import { incidentOf } from "./Entries";
import type { Entry } from "./entry";
import { outcomeIn } from "./outcomes";
import { ProofView } from "./ProofView";
import { chosen, shown } from "./reading";
import { Time } from "./Time";
import { kindIn, roleIn, t } from "./words";

export function EntryView() {
  const row = chosen.value;
  if (!row) {
    const any = shown.value.rows.length > 0;
    return <section class="entry quiet">{any && <p>{t("choose")}</p>}</section>;
  }
  return (
    <section class="entry" aria-labelledby="entry-title">
      <h3 id="entry-title">{t("entryOf", { index: row.index })}</h3>
      {row.entry ? <Facts entry={row.entry} /> : <p class="trouble">{t("odd")}</p>}
      <ProofView />
      {row.entry && row.entry.facts.length > 0 && (
        <details>
          <summary>{t("facts")}</summary>
          <dl class="about">
            {row.entry.facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <details>
        <summary>{t("json")}</summary>
        <pre tabIndex={0} aria-label={t("json")}>
          {row.text}
        </pre>
      </details>
    </section>
  );
}

function Facts(props: { entry: Entry }) {
  const { entry } = props;
  const facts: [string, string][] = [
    [t("outcome"), outcomeIn(entry.outcome)],
    [t("actor"), entry.actor],
    [t("role"), roleIn(entry.role)],
    [t("incident"), incidentOf(entry)],
    [t("camera"), entry.camera],
    [t("home"), entry.home ?? ""],
  ];
  return (
    <dl class="about">
      <div>
        <dt>{t("what")}</dt>
        <dd>{kindIn(entry.kind)}</dd>
      </div>
      <div>
        <dt>{t("time")}</dt>
        <dd>
          <Time at={entry.time} />
          <span class="quiet small"> {entry.time}</span>
        </dd>
      </div>
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
    </dl>
  );
}
