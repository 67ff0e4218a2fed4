// One review: what it is about, and its signature.

import { useId, useState } from "preact/hooks";
import { ask } from "../api/http";
import { Reason } from "../incident/Reason";
import { troubleWith } from "../incident/trouble";
import { day } from "../queue/durations";
import { incidents, session, tell } from "../state/store";
import { countsOf, type Finding, FINDINGS, listed, type Review, said, sampleOf } from "./review";
import { t } from "./words";

const LONGEST_NOTE = 2_000;

export function Sheet(props: { review: Review; title: string; onSigned: (signed: Review) => void }) {
  const { review } = props;
  const reference = review.incident && incidents.value.get(review.incident)?.reference;
  const needs = listed(review, "needs").map((need) =>
    t(need === "circle" ? "need_circle" : "need_time"),
  );
  const facts: [string, string][] = [
    [t("filed"), day(review.filed)],
    [t("due"), review.overdue ? t("overdue", { at: day(review.due) }) : day(review.due)],
    [t("incident"), reference || review.incident || ""],
    [t("needs"), needs.join(", ")],
    [t("camera"), said(review, "camera")],
    [t("looksCount"), said(review, "looks")],
    [t("entries"), listed(review, "entries").join(", ")],
  ];
  return (
    <article class="sheet">
      <h3>{props.title}</h3>
      <p>{review.subject ? t("about", { who: review.subject }) : t("everybody")}</p>
      <dl class="about">
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
      {review.cause === "weekly" && <Week review={review} />}
      {review.signed ? (
        <p class="signed">
          {t("signedBy", { who: review.signed_by ?? "", at: day(review.signed) })}
          {review.finding && `: ${t(review.finding)}`}
          {review.note && (
            <span class="lines" dir="auto">
              {review.note}
            </span>
          )}
        </p>
      ) : review.subject && review.subject === session.value?.pseudonym ? (
        <p class="own">{t("aboutYou")}</p>
      ) : (
        <Sign review={review} onSigned={props.onSigned} />
      )}
    </article>
  );
}

function Week(props: { review: Review }) {
  const counts = countsOf(props.review);
  const sample = sampleOf(props.review);
  return (
    <>
      <h4>{t("counts")}</h4>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("what")}</th>
            <th scope="col">{t("number")}</th>
          </tr>
        </thead>
        <tbody>
          {counts.map(([what, count]) => (
            <tr key={what}>
              <td>{what.replaceAll("_", " ").replace(".", ": ")}</td>
              <td>{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h4>{t("sample")}</h4>
      {sample.length ? (
        <table>
          <thead>
            <tr>
              {(["entry", "operator", "camera", "incident", "outcome"] as const).map((column) => (
                <th key={column} scope="col">
                  {t(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sample.map((look) => (
              <tr key={look.entry}>
                <td>{look.entry}</td>
                <td>{look.operator}</td>
                <td>{look.camera}</td>
                <td>
                  <bdi>{incidents.value.get(look.incident)?.reference ?? look.incident}</bdi>
                </td>
                <td>{look.outcome}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p class="quiet">{t("sampleNone")}</p>
      )}
    </>
  );
}

function Sign(props: { review: Review; onSigned: (signed: Review) => void }) {
  const [finding, setFinding] = useState<Finding | null>(null);
  const [note, setNote] = useState("");
  const [flaw, setFlaw] = useState("");
  const [busy, setBusy] = useState(false);
  const id = useId();
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!finding) {
      setFlaw(t("findingMissing"));
      return;
    }
    setBusy(true);
    try {
      const body = { finding, note: note.trim() };
      const signed = await ask<Review>("POST", `reviews/${props.review.id}/signature`, { body });
      tell(t("wasSigned"), "good");
      props.onSigned(signed);
    } catch (error) {
      setFlaw(troubleWith(error));
      setBusy(false);
    }
  }
  return (
    <form class="signing" noValidate onSubmit={submit}>
      <fieldset class="which" aria-describedby={id}>
        <legend>{t("finding")}</legend>
        {FINDINGS.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="finding"
              checked={finding === one}
              onChange={() => {
                setFinding(one);
                setFlaw("");
              }}
            />
            {t(one)}
          </label>
        ))}
      </fieldset>
      <Reason label={t("note")} longest={LONGEST_NOTE} text={note} onText={setNote} />
      <p id={id} class="flaw small" role={flaw ? "alert" : undefined}>
        {flaw}
      </p>
      <button class="primary" type="submit" disabled={busy}>
        {t("sign")}
      </button>
    </form>
  );
}
