// Breaks the glass for an incident that waits: what that means, and why it cannot wait.

import { useState } from "preact/hooks";
import { tell } from "../state/store";
import { breakGlass } from "./acts";
import { Dialog } from "./Dialog";
import { LEAST_REASON } from "./form";
import { Reason } from "./Reason";
import { troubleWith } from "./trouble";
import { t } from "./words";

export function BreakGlass(props: { incident: string; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [flaw, setFlaw] = useState<string>();
  const [busy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (reason.trim().length < LEAST_REASON) {
      setFlaw(t("reasonShort"));
      return;
    }
    setBusy(true);
    try {
      await breakGlass(props.incident, reason.trim());
      tell(t("glassDone"));
      props.onClose();
    } catch (error) {
      setFlaw(troubleWith(error));
    } finally {
      setBusy(false);
    }
  }
  return (
    <Dialog title={t("glassTitle")} onClose={props.onClose}>
      <form noValidate onSubmit={submit}>
        <p>{t("glassWhat")}</p>
        <p>{t("glassThen")}</p>
        <Reason
          label={t("reason")}
          least={LEAST_REASON}
          text={reason}
          flaw={flaw}
          onText={setReason}
        />
        <div class="buttons">
          <button class="danger" type="submit" disabled={busy}>
            {t("glassDo")}
          </button>
          <button type="button" onClick={props.onClose}>
            {t("cancel")} <kbd>Esc</kbd>
          </button>
        </div>
      </form>
    </Dialog>
  );
}
