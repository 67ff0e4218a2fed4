// The keys of the queue and of what is done to an incident.

import { begin, over, panel } from "../incident/acts";
import { isOpen } from "./rows";
import { incident, may, now, settings } from "../state/store";
import type { Key } from "../keys/keys";
import { t } from "./words";

export interface QueueActs {
  step: (by: 1 | -1) => void;
  take: () => void;
  /** Whether there is a row to act on. */
  any: () => boolean;
}

/** Enter belongs to whatever has the focus; it takes the chosen row only when nothing has. */
function free(): boolean {
  const at = document.activeElement;
  return !at || at === document.body || at.id === "queue";
}

export function queueKeys(acts: QueueActs): Key[] {
  const group = () => t("group");
  const mine = () => incident.value !== null && isOpen(incident.value, now.value);
  const listed = () => panel.value === null && acts.any();
  return [
    { keys: ["j"], label: () => t("next"), group, when: listed, run: () => acts.step(1) },
    { keys: ["k"], label: () => t("previous"), group, when: listed, run: () => acts.step(-1) },
    { keys: ["a"], label: () => t("take"), group, when: listed, run: acts.take },
    { keys: ["Enter"], label: () => t("take"), group, when: () => listed() && free(), run: acts.take },
    {
      keys: ["n"],
      label: () => t("open"),
      group,
      when: () => may("incidents:write"),
      run: () => begin(),
    },
    {
      keys: ["/"],
      label: () => t(settings.value?.places ? "search" : "place"),
      group,
      when: () => may("incidents:write"),
      run: () => begin("place"),
    },
    {
      keys: ["d"],
      label: () => t("describe"),
      group,
      when: mine,
      run: () => {
        panel.value = "describe";
      },
    },
    {
      keys: ["Shift+c"],
      label: () => t("close"),
      group,
      when: () => mine() && may("incidents:write"),
      run: () => {
        if (incident.value) over.value = { what: "close", incident: incident.value.id };
      },
    },
    {
      keys: ["p"],
      label: () => t("approvals"),
      group,
      when: () => may("approvals:write"),
      run: () => {
        over.value = { what: "approvals" };
      },
    },
    {
      keys: ["w"],
      label: () => t("reviews"),
      group,
      when: () => may("reviews:write"),
      run: () => {
        over.value = { what: "reviews" };
      },
    },
  ];
}
