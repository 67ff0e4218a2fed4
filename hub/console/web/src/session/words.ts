// Words around the session.

import { words } from "../words/words";

export const t = words({
  en: {
    loading: "Loading",
    locked: "The session is locked. Show your passkey to go on.",
    unlock: "Unlock",
    noScreen: "Your role has no part in this screen. Your account page has what is yours.",
    failed: "The hub does not answer. It is tried again by itself.",
    account: "Account",
  },
  es: {
    loading: "Cargando",
    locked: "La sesión está bloqueada. Muestre su llave de acceso para continuar.",
    unlock: "Desbloquear",
    noScreen: "Su función no tiene parte en esta pantalla. Lo suyo está en la página de su cuenta.",
    failed: "El servidor no responde. Se vuelve a intentar por sí solo.",
    account: "Cuenta",
  },
});
