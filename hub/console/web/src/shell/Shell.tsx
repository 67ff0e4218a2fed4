// The frame around everything: who and what is on the screen, whether it is true, and the keys.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../api/http";
import { Auditor } from "../auditor/Auditor";
import { register } from "../keys/keys";
import { MapView } from "../map/MapView";
import { Queue } from "../queue/Queue";
import { city, dismiss, link, may, notices, now, session, settings } from "../state/store";
import { Trace } from "../trace/Trace";
import { Wall } from "../wall/Wall";
import { choose, language } from "../words/words";
import { KeyList, showKeys } from "./KeyList";
import { theme, toggleTheme } from "./theme";
import { t } from "./words";

type Page = "console" | "log";
const page = signal<Page>("console");

export function Shell() {
  const looks = may("grants:read");
  useEffect(() => {
    page.value = looks ? "console" : "log";
    return register(
      { keys: ["?"], label: () => t("keys"), group: () => t("everywhere"), run: showKeys },
      {
        keys: ["Shift+l"],
        label: () => t(theme.value === "dark" ? "light" : "dark"),
        group: () => t("everywhere"),
        run: toggleTheme,
      },
    );
  }, [looks]);
  return (
    <div class="shell">
      <Bar />
      {page.value === "console" && looks ? (
        <>
          <nav class="queue" aria-label={t("queue")} id="queue" tabIndex={-1}>
            <Queue />
          </nav>
          <section class="map" aria-label={t("map")}>
            <MapView />
          </section>
          <main class="wall" aria-label={t("wall")}>
            <Trace />
            <Wall />
          </main>
        </>
      ) : (
        <main class="page">
          <Auditor />
        </main>
      )}
      <Foot />
      <Notices />
      <KeyList />
    </div>
  );
}

function Bar() {
  const mine = session.value;
  const other = language.value === "en" ? "es" : "en";
  return (
    <header class="bar">
      {page.value === "console" && may("grants:read") && (
        <a class="unseen" href="#queue">
          {t("skip")}
        </a>
      )}
      <h1>{t("title", { city: city.value?.name ?? "" })}</h1>
      <Link />
      <span class="space" />
      {may("grants:read") && may("log:read") && (
        <button
          class="plain"
          type="button"
          onClick={() => {
            page.value = page.value === "log" ? "console" : "log";
          }}
        >
          {t(page.value === "log" ? "console" : "log")}
        </button>
      )}
      <button class="plain" type="button" onClick={toggleTheme}>
        {t(theme.value === "dark" ? "light" : "dark")}
      </button>
      <button class="plain" type="button" lang={other} onClick={() => choose(other)}>
        {t("other")}
      </button>
      <a href="/account">{mine?.pseudonym}</a>
      <button type="button" onClick={signOut}>
        {t("signOut")}
      </button>
    </header>
  );
}

async function signOut(): Promise<void> {
  await ask("DELETE", "session").catch(() => undefined);
  location.assign("/sign-in");
}

function Link() {
  const { state, since } = link.value;
  if (state === "stale") {
    const seconds = Math.max(0, Math.round((Date.now() - since) / 1_000));
    // Reading the clock makes the number count.
    void now.value;
    return (
      <p class="stale" role="alert">
        {t("stale", { seconds })}
      </p>
    );
  }
  return (
    <p class={`link ${state}`} role="status">
      {t(state)}
    </p>
  );
}

function Foot() {
  return (
    <footer class="foot">
      <span>{t("policy", { version: city.value?.policy.version ?? "" })}</span>
      <span>{t("version", { version: settings.value?.version ?? "" })}</span>
      <span class="space" />
      <button class="plain small" type="button" onClick={showKeys}>
        <kbd>?</kbd> {t("keysHint")}
      </button>
    </footer>
  );
}

function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.value.map(({ id, text, tone, undo }) => (
        <p key={id} class={`notice ${tone}`}>
          <span>{text}</span>
          {undo && (
            <button
              type="button"
              onClick={() => {
                undo();
                dismiss(id);
              }}
            >
              {t("undo")}
            </button>
          )}
          <button class="plain" type="button" aria-label={t("dismiss")} onClick={() => dismiss(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
