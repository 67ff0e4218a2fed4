// Outcomes of entries in words: those that are written often; others stand as the log has them.

import { language } from "../words/words";

const OUTCOMES: Readonly<Record<string, { en: string; es: string }>> = {
  allowed: { en: "allowed", es: "permitida" },
  refused: { en: "refused", es: "rechazado" },
  ok: { en: "done", es: "hecho" },
  done: { en: "done", es: "hecho" },
  failed: { en: "failed", es: "falló" },
  accepted: { en: "accepted", es: "aceptado" },
  removed: { en: "removed", es: "quitado" },
  deleted: { en: "deleted", es: "borrado" },
  enrolled: { en: "enrolled", es: "incorporada" },
  ended: { en: "ended", es: "terminado" },
  revoked: { en: "revoked", es: "revocado" },
  sent: { en: "sent", es: "enviado" },
  filed: { en: "filed", es: "presentada" },
  made: { en: "made", es: "creado" },
  invited: { en: "invited", es: "invitado" },
  locked: { en: "locked", es: "bloqueada" },
  over: { en: "over", es: "terminada" },
  "signed-in": { en: "signed in", es: "entró" },
  "signed-out": { en: "signed out", es: "salió" },
};

export function outcomeIn(outcome: string): string {
  return OUTCOMES[outcome]?.[language.value] ?? outcome.replaceAll(/[_-]/g, " ");
}
