// What an incident was, on a page that can be read, copied and printed.

import { useEffect, useState } from "preact/hooks";
import { ask } from "../api/http";
import { city, incidents, tell } from "../state/store";
import { language } from "../words/words";
import { Dialog } from "./Dialog";
import { kindName } from "./form";
import { parts, type Summed, summaryText } from "./summary";
import { t } from "./words";

type Known = Summed | "loading" | "failed";

export function Summary(props: { incident: string; onClose: () => void }) {
  const [known, setKnown] = useState<Known>("loading");
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const away = new AbortController();
    ask<Summed>("GET", `incidents/${props.incident}/summary`, { signal: away.signal })
      .then(setKnown)
      .catch(() => {
        if (!away.signal.aborted) setKnown("failed");
      });
    return () => away.abort();
  }, [props.incident, tries]);

  const summed = typeof known === "string" ? null : known;
  const kind = kindName(city.value?.policy.kinds, summed?.kind ?? "", language.value);
  const reference = incidents.value.get(props.incident)?.reference ?? summed?.reference ?? "";
  const [before, after = ""] = t("summaryOf").split("{reference}");
  async function copy(): Promise<void> {
    if (!summed) return;
    try {
      await navigator.clipboard.writeText(summaryText(summed, kind));
      tell(t("copied"), "good");
    } catch {
      tell(t("failed"), "bad");
    }
  }
  return (
    <Dialog
      wide
      title={
        <>
          {before}
          <bdi>{reference}</bdi>
          {after}
        </>
      }
      onClose={props.onClose}
    >
      {known === "loading" && <p role="status">{t("summaryLoading")}</p>}
      {known === "failed" && <p role="alert">{t("summaryFailed")}</p>}
      {summed && (
        <div class="summary">
          {parts(summed, kind).map(({ title, rows, none }) => (
            <section key={title}>
              <h3>{title}</h3>
              {rows.length ? (
                <table>
                  <tbody>
                    {rows.map(([head, ...cells], index) => (
                      <tr key={index}>
                        <th scope="row">
                          <bdi>{head}</bdi>
                        </th>
                        {cells.map((cell, at) => (
                          <td key={at} class="lines" colSpan={cells.length === 1 ? 3 : 1}>
                            <bdi>{cell}</bdi>
                          </td>
                        ))}
                      </tr>
                    ))}
                  </tbody>
                </table>
              ) : (
                <p class="quiet">{none}</p>
              )}
            </section>
          ))}
        </div>
      )}
      <div class="buttons">
        {summed && (
          <>
            <button class="primary" type="button" onClick={() => void copy()}>
              {t("copy")}
            </button>
            <button type="button" onClick={() => print()}>
              {t("print")}
            </button>
          </>
        )}
        {known === "failed" && (
          <button
            class="primary"
            type="button"
            onClick={() => {
              setKnown("loading");
              setTries(tries + 1);
            }}
          >
            {t("again")}
          </button>
        )}
        <button type="button" onClick={props.onClose}>
          {t("done")} <kbd>Esc</kbd>
        </button>
      </div>
    </Dialog>
  );
}
