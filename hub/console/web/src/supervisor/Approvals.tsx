// What waits for a supervisor: approve or deny it, with a reason.

import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../api/http";
import type { Waiting } from "../api/types";
import { isolated } from "../incident/acts";
import { Dialog } from "../incident/Dialog";
import { kindName } from "../incident/form";
import { Reason } from "../incident/Reason";
import { troubleWith } from "../incident/trouble";
import { age } from "../queue/durations";
import { city, inHand, now, session, tell, waiting } from "../state/store";
import { language } from "../words/words";
import { t } from "./words";
import "./supervisor.css";

export function Approvals(props: { onClose: () => void }) {
  const list = useRef<HTMLOListElement>(null);
  const found = waiting.value;
  // Who decided goes on with the next one.
  useEffect(() => {
    list.current?.querySelector<HTMLElement>("textarea")?.focus();
  }, [found.length]);
  return (
    <Dialog title={t("approvals")} wide onClose={props.onClose}>
      {found.length ? (
        <ol ref={list} class="approvals">
          {found.map((one) => (
            <Decision key={one.incident} waiting={one} onShow={props.onClose} />
          ))}
        </ol>
      ) : (
        <p class="nothing quiet">{t("approvalsNone")}</p>
      )}
      <div class="buttons">
        <button type="button" onClick={props.onClose}>
          {t("done")} <kbd>Esc</kbd>
        </button>
      </div>
    </Dialog>
  );
}

function Decision(props: { waiting: Waiting; onShow: () => void }) {
  const { waiting: one } = props;
  const [reason, setReason] = useState("");
  const [flaw, setFlaw] = useState<string>();
  const [busy, setBusy] = useState(false);
  const own = one.opened_by === session.value?.pseudonym;
  async function decide(decision: "approve" | "deny"): Promise<void> {
    if (!reason.trim()) {
      setFlaw(t("reasonMissing"));
      return;
    }
    setBusy(true);
    try {
      const body = { decision, reason: reason.trim() };
      await ask("POST", `incidents/${one.incident}/approvals`, { body });
      waiting.value = waiting.value.filter((other) => other.incident !== one.incident);
      const reference = isolated(one.reference);
      tell(t(decision === "approve" ? "approved" : "wasDenied", { reference }), "good");
    } catch (error) {
      setFlaw(troubleWith(error));
      setBusy(false);
    }
  }
  return (
    <li class="decision">
      <h3>
        <bdi>{kindName(city.value?.policy.kinds, one.kind, language.value)}</bdi>{" "}
        <bdi class="reference">{one.reference}</bdi>
      </h3>
      <p class="quiet small">
        {t("askedBy", { who: one.opened_by, age: age(one.opened, now.value) })}
      </p>
      <ul class="points">
        {one.waits.includes("circle") && (
          <li>
            {t("circle", {
              radius: Math.round(one.radius_m),
              allowed: Math.round(one.allowed_radius_m),
            })}
          </li>
        )}
        {one.waits.includes("time") && <li>{t("time")}</li>}
      </ul>
      {own ? (
        <p class="own">{t("yours")}</p>
      ) : (
        <>
          <Reason label={t("reason")} text={reason} flaw={flaw} onText={setReason} />
          <div class="buttons">
            <button
              class="primary"
              type="button"
              disabled={busy}
              onClick={() => void decide("approve")}
            >
              {t("approve")}
            </button>
            <button
              class="danger"
              type="button"
              disabled={busy}
              onClick={() => void decide("deny")}
            >
              {t("deny")}
            </button>
            <button
              class="plain"
              type="button"
              onClick={() => {
                inHand.value = one.incident;
                props.onShow();
              }}
            >
              {t("show")}
            </button>
          </div>
        </>
      )}
    </li>
  );
}
