// Asks before an incident is closed, and says what ends with it.

import { useState } from "preact/hooks";
import { incidents, looks, tell } from "../state/store";
import { closeIncident, isolated, over } from "./acts";
import { Dialog } from "./Dialog";
import { troubleWith } from "./trouble";
import { t } from "./words";

export function CloseIncident(props: { incident: string; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const mine = incidents.value.get(props.incident);
  if (!mine) return null;
  const { id, reference, waits } = mine;
  const running = [...looks.value.values()].filter(
    (look) => look.incident === id && look.scope === "stream" && look.ended === null,
  ).length;
  async function close(): Promise<void> {
    setBusy(true);
    try {
      await closeIncident(id);
      tell(t("closedNow", { reference: isolated(reference) }), "good");
      over.value = { what: "summary", incident: id };
    } catch (error) {
      setTrouble(troubleWith(error));
      setBusy(false);
    }
  }
  const [before, after = ""] = t("closeTitle").split("{reference}");
  return (
    <Dialog
      title={
        <>
          {before}
          <bdi>{reference}</bdi>
          {after}
        </>
      }
      onClose={props.onClose}
    >
      <p>{t("closeEnds")}</p>
      <ul class="points">
        {running > 0 && <li>{t("closeStreams", { count: running })}</li>}
        <li>{t("closeLooks")}</li>
        {waits.length > 0 && <li>{t("closeWaits")}</li>}
      </ul>
      <p class="quiet">{t("closeStays")}</p>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <div class="buttons">
        <button class="danger" type="button" disabled={busy} onClick={() => void close()}>
          {t("closeDo")}
        </button>
        <button type="button" onClick={props.onClose}>
          {t("closeNot")} <kbd>Esc</kbd>
        </button>
      </div>
    </Dialog>
  );
}
