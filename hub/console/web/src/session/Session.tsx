// Who is signed in: the screen for those who are, the way in for all others, the lock.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, Problem } from "../api/http";
import type { City, Session as Signed, Settings } from "../api/types";
import { follow } from "../feed/feed";
import { Shell } from "../shell/Shell";
import { city, may, session, settings } from "../state/store";
import { t } from "./words";

type State = "loading" | "open" | "locked" | "failed";
const state = signal<State>("loading");
const AGAIN_MS = 2_000;

export function Session() {
  useEffect(() => {
    void enter();
  }, []);
  const open = state.value === "open";
  const following = open && may("incidents:read");
  useEffect(() => (following ? follow(() => void enter()) : undefined), [following]);
  if (open) return may("incidents:read") ? <Shell /> : <Elsewhere />;
  if (state.value === "locked") return <Locked />;
  return (
    <main class="alone" aria-busy={state.value === "loading"}>
      <p role="status">{t(state.value === "failed" ? "failed" : "loading")}</p>
    </main>
  );
}

async function enter(): Promise<void> {
  try {
    const mine = await ask<Signed>("GET", "session");
    session.value = mine;
    if (mine.state === "locked") {
      state.value = "locked";
      return;
    }
    [city.value, settings.value] = await Promise.all([
      ask<City>("GET", "city"),
      ask<Settings>("GET", "console"),
    ]);
    state.value = "open";
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      if (error.slug === "session-locked") state.value = "locked";
      else location.assign("/sign-in?next=/console");
      return;
    }
    state.value = "failed";
    setTimeout(() => void enter(), AGAIN_MS);
  }
}

function Locked() {
  return (
    <main class="alone">
      <p role="status">{t("locked")}</p>
      <button class="primary" type="button" onClick={() => void unlock()}>
        {t("unlock")}
      </button>
    </main>
  );
}

async function unlock(): Promise<void> {
  const { options } = await ask<{ options: PublicKeyCredentialRequestOptionsJSON }>(
    "POST",
    "session/unlock/challenge",
  );
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const shown = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  if (!shown) return;
  await ask("POST", "session/unlock", { body: { credential: shown.toJSON() } });
  await enter();
}

function Elsewhere() {
  return (
    <main class="alone">
      <p>{t("noScreen")}</p>
      <a href="/account">{t("account")}</a>
    </main>
  );
}
