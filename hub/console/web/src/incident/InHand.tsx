// The incident in hand: what it is, how far and how long it goes, and what can be done about it.

import { useEffect } from "preact/hooks";
import { Mark } from "../queue/Mark";
import { age, clock, left } from "../queue/durations";
import { isOpen } from "../queue/rows";
import { cameras, city, incident, incidents, inHand, may, now, tell } from "../state/store";
import { language } from "../words/words";
import { accept, closedByMe, isolated, over, panel } from "./acts";
import { alone, camerasIn, type Standing, standing } from "./circle";
import { kindName } from "./form";
import { t } from "./words";

export function InHand() {
  const mine = incident.value;
  const over_ = mine !== null && !isOpen(mine, now.value);
  useEffect(() => {
    if (!mine || !over_) return;
    inHand.value = null;
    panel.value = null;
    // Who closed it gets the summary.
    if (closedByMe(mine.id)) return;
    if (over.value?.what === "close" || over.value?.what === "glass") over.value = null;
    tell(t("closedBy", { reference: isolated(mine.reference) }), "bad");
  }, [mine, over_]);
  if (!mine || over_) return null;
  const kinds = city.value?.policy.kinds;
  const rule = kinds?.[mine.kind];
  const count = camerasIn(mine, rule, cameras.value.values());
  const stands = standing(mine, rule, now.value);
  const cut = mine.allowed_radius_m < mine.radius_m;
  const writes = may("incidents:write");
  return (
    <section class="in-hand" aria-labelledby="in-hand">
      <p class="quiet small">{t("inHand")}</p>
      <h2 id="in-hand">
        <bdi>{kindName(kinds, mine.kind, language.value)}</bdi>
        <bdi class="reference">{mine.reference}</bdi>
      </h2>
      <dl class="about">
        <dt>{t("cameras")}</dt>
        <dd>
          {count.live + count.stills ? (
            <>
              {count.live > 0 && <Mark of="live" />}{" "}
              {[
                count.live ? t("camerasLive", { count: count.live }) : "",
                count.stills ? t("camerasStills", { count: count.stills }) : "",
              ]
                .filter(Boolean)
                .join(" · ")}
            </>
          ) : (
            t("camerasNone")
          )}
        </dd>
        <dt>{t("circle")}</dt>
        <dd>
          {t(cut ? "circleCut" : "circleOf", {
            radius: Math.round(mine.radius_m),
            allowed: Math.round(mine.allowed_radius_m),
          })}
        </dd>
        <dt>{t("opened")}</dt>
        <dd title={age(mine.opened, now.value)}>
          {t("openedBy", { at: clock(mine.opened), who: mine.opened_by })}
        </dd>
        <dt>{t("accepted")}</dt>
        <dd>{mine.accepted_by ?? t("nobody")}</dd>
        <dt>{t("ends")}</dt>
        <dd>{t("endsIn", { at: clock(mine.ends), left: left(mine.ends, now.value) })}</dd>
        {rule?.approval && (
          <>
            <dt>{t("supervisor")}</dt>
            <dd class={stands}>{said(stands)}</dd>
          </>
        )}
      </dl>
      <div class="buttons">
        {mine.accepted_by === null && writes && (
          <button class="primary" type="button" onClick={() => void accept(mine.id)}>
            {t("take")} <kbd>a</kbd>
          </button>
        )}
        {stands === "waits" && writes && (
          <button
            class="danger"
            type="button"
            onClick={() => (over.value = { what: "glass", incident: mine.id })}
          >
            {t("glass")}
          </button>
        )}
        <button
          type="button"
          aria-label={t("describe")}
          aria-keyshortcuts="d"
          onClick={() => (panel.value = "describe")}
        >
          {t("describeShort")} <kbd data-key="d" />
        </button>
        {writes && (
          <button
            type="button"
            aria-label={t("close")}
            aria-keyshortcuts="Shift+c"
            onClick={() => (over.value = { what: "close", incident: mine.id })}
          >
            {t("closeDo")} <kbd data-key="⇧c" />
          </button>
        )}
        <button class="plain" type="button" onClick={() => (inHand.value = null)}>
          {t("putAway")}
        </button>
      </div>
    </section>
  );
}

function said(stands: Standing): string {
  const mine = incidents.value.get(inHand.value ?? "");
  const rule = mine && city.value?.policy.kinds[mine.kind];
  const limit = mine && rule ? alone(mine, rule) : null;
  const at = limit ? clock(limit) : "";
  const allowed = Math.round(mine?.allowed_radius_m ?? 0);
  const radius = Math.round(mine?.radius_m ?? 0);
  if (stands === "waits") {
    const circle = mine?.waits.includes("circle");
    const time = mine?.waits.includes("time");
    return t(circle && time ? "waitsBoth" : circle ? "waitsCircle" : "waitsTime", { allowed, at });
  }
  if (stands === "free") return limit ? t("freeUntil", { at }) : t("free");
  if (stands === "denied") return t("denied", { allowed });
  return stands === "given" ? t("given", { radius }) : t("decided");
}
