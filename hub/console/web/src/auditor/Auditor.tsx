// The access log for those who may read it: search, pages, one entry, its proof. No pictures, ever.

import { useEffect, useRef } from "preact/hooks";
import { register } from "../keys/keys";
import { Entries } from "./Entries";
import { EntryView } from "./EntryView";
import { choose, chosen, newer, older, prove, shown, turn } from "./reading";
import { Search } from "./Search";
import { t } from "./words";
import "../incident/forms.css";
import "./auditor.css";

export function Auditor() {
  const field = useRef<HTMLSelectElement>(null);
  useEffect(() => {
    void turn([null]);
    const group = () => t("group");
    const rows = () => shown.value.rows.length > 0;
    return register(
      { keys: ["/"], label: () => t("toSearch"), group, run: () => field.current?.focus() },
      { keys: ["j"], label: () => t("next"), group, when: rows, run: () => step(1) },
      { keys: ["k"], label: () => t("previous"), group, when: rows, run: () => step(-1) },
      {
        keys: ["c"],
        label: () => t("checkKey"),
        group,
        when: () => chosen.value !== null,
        run: () => void prove(),
      },
      {
        keys: ["["],
        label: () => t("newer"),
        group,
        when: () => shown.value.starts.length > 1,
        run: newer,
      },
      {
        keys: ["]"],
        label: () => t("older"),
        group,
        when: () => shown.value.next !== null,
        run: older,
      },
    );
  }, []);
  return (
    <div class="auditor">
      <header>
        <h2>{t("title")}</h2>
        <p class="quiet small">{t("noted")}</p>
      </header>
      <Search field={field} />
      <div class="reading">
        <Entries />
        <EntryView />
      </div>
    </div>
  );
}

function step(by: 1 | -1): void {
  const { rows } = shown.value;
  const at = rows.findIndex((row) => row === chosen.value);
  const next = rows[at < 0 ? 0 : at + by];
  if (!next) return;
  choose(next);
  document.getElementById(`entry-${next.index}`)?.focus();
}
