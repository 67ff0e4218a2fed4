// What the hub put before supervisors: the list, and the review that is read now.

import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../api/http";
import { Dialog } from "../incident/Dialog";
import { day } from "../queue/durations";
import { openReviews } from "../state/store";
import { inOrder, type Review } from "./review";
import { Sheet } from "./Sheet";
import { t } from "./words";
import "./supervisor.css";

const WHICH = ["open", "signed", "all"] as const;
type Which = (typeof WHICH)[number];
type Known = readonly Review[] | "loading" | "failed";

export function Reviews(props: { onClose: () => void }) {
  const [which, setWhich] = useState<Which>("open");
  const [known, setKnown] = useState<Known>("loading");
  const [tries, setTries] = useState(0);
  const [chosen, setChosen] = useState<string | null>(null);
  const rows = useRef<HTMLOListElement>(null);
  // More or fewer of them are open than when the list was read: read it again.
  const open = openReviews.value;
  useEffect(() => {
    const away = new AbortController();
    ask<{ reviews: Review[] }>("GET", `reviews?state=${which}`, { signal: away.signal })
      .then(({ reviews }) => setKnown(inOrder(reviews)))
      .catch(() => {
        if (!away.signal.aborted) setKnown("failed");
      });
    return () => away.abort();
  }, [which, open, tries]);

  const list = typeof known === "string" ? [] : known;
  const shown = list.find((one) => one.id === chosen) ?? list[0];
  function step(event: KeyboardEvent): void {
    const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (!by || !shown) return;
    const next = list[list.indexOf(shown) + by];
    if (!next) return;
    event.preventDefault();
    setChosen(next.id);
    rows.current?.querySelector<HTMLElement>(`[data-review="${CSS.escape(next.id)}"]`)?.focus();
  }
  function took(signed: Review): void {
    setKnown(list.map((one) => (one.id === signed.id ? signed : one)));
    setChosen(signed.id);
  }

  return (
    <Dialog title={t("reviews")} wide onClose={props.onClose}>
      <fieldset class="which">
        <legend class="unseen">{t("state")}</legend>
        {WHICH.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="which"
              checked={which === one}
              onChange={() => {
                setWhich(one);
                setKnown("loading");
              }}
            />
            {t(one)}
          </label>
        ))}
      </fieldset>
      {known === "loading" && <p role="status">{t("loading")}</p>}
      {known === "failed" && (
        <p role="alert">
          {t("failed")}{" "}
          <button
            type="button"
            onClick={() => {
              setKnown("loading");
              setTries(tries + 1);
            }}
          >
            {t("again")}
          </button>
        </p>
      )}
      {typeof known !== "string" && !shown && (
        <p class="nothing quiet">{t(which === "open" ? "reviewsNone" : "reviewsNoneSigned")}</p>
      )}
      {shown && (
        <div class="reviews">
          <ol ref={rows} onKeyDown={step} aria-label={t("moveHow")}>
            {list.map((one) => (
              <li key={one.id}>
                <button
                  type="button"
                  data-review={one.id}
                  class={one.overdue ? "overdue" : ""}
                  aria-current={one === shown ? "true" : undefined}
                  onClick={() => setChosen(one.id)}
                >
                  <span>{titleOf(one)}</span>
                  <span class="quiet small">
                    {one.signed
                      ? t("signed")
                      : one.overdue
                        ? t("overdue", { at: day(one.due) })
                        : `${t("due")} ${day(one.due)}`}
                  </span>
                </button>
              </li>
            ))}
          </ol>
          <Sheet key={shown.id} review={shown} title={titleOf(shown)} onSigned={took} />
        </div>
      )}
      <div class="buttons">
        <button type="button" onClick={props.onClose}>
          {t("done")} <kbd>Esc</kbd>
        </button>
      </div>
    </Dialog>
  );
}

function titleOf(review: Review): string {
  return t(review.cause, { week: String(review.about["week"] ?? "") });
}
