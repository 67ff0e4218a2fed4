// The proof of the chosen entry: one line for each thing that was checked here, in this browser.

import { proof, prove, takeKey, type Proof } from "./reading";
import { STEPS, type Step, type Verdict } from "./proof";
import { t } from "./words";

const MARKS = { good: "✓", bad: "✕", first: "•" } as const;

export function ProofView() {
  const now = proof.value;
  return (
    <section class="proof" aria-label={t("proof")}>
      <button
        class="primary"
        type="button"
        aria-disabled={now.state === "checking"}
        onClick={() => void prove()}
      >
        {t("check")} <kbd>c</kbd>
      </button>
      <div role="status">
        {now.state === "checking" && <p>{t("checking")}</p>}
        {now.state === "failed" && <p class="trouble">{t("proofFailed")}</p>}
        {now.state === "unsupported" && <p class="trouble">{t("unsupported")}</p>}
        {now.state === "done" && (
          <p class={now.verdict.good ? "holds" : "alarm"}>{t(now.verdict.good ? "good" : "bad")}</p>
        )}
      </div>
      {now.state === "done" && <Done proof={now} />}
    </section>
  );
}

function Done(props: { proof: Extract<Proof, { state: "done" }> }) {
  const { verdict, seen, checkpoint } = props.proof;
  return (
    <>
      <ul>
        {STEPS.map((step) => (
          <li key={step} class={verdict.steps[step]}>
            <span aria-hidden="true">{MARKS[verdict.steps[step]]}</span>
            <span>
              {sentence(step, verdict, seen)}: <strong>{t(`result_${verdict.steps[step]}`)}</strong>
            </span>
          </li>
        ))}
      </ul>
      {verdict.steps.key === "bad" && (
        <div class="other-key" role="alert">
          <p class="trouble">{t("keyChanged")}</p>
          <p>{t("keyChangedHow")}</p>
          <button class="danger" type="button" onClick={takeKey}>
            {t("keyTake")}
          </button>
        </div>
      )}
      <dl class="about">
        <div>
          <dt>{t("fingerprint")}</dt>
          <dd class="hashes">{verdict.fingerprint}</dd>
        </div>
        <div>
          <dt>{t("leaf")}</dt>
          <dd class="hashes">{verdict.leaf}</dd>
        </div>
      </dl>
      <details>
        <summary>{t("checkpoint")}</summary>
        <pre tabIndex={0} aria-label={t("checkpoint")}>
          {checkpoint}
        </pre>
      </details>
    </>
  );
}

function sentence(step: Step, verdict: Verdict, seen: number): string {
  if (verdict.steps[step] === "first") return t(step === "key" ? "firstKey" : "firstSeen");
  return t(`step_${step}`, { index: verdict.index, size: verdict.size ?? "?", seen });
}
