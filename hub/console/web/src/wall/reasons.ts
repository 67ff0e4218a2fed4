// Why a tile shows no more: the words for every end and every problem, and what one can do.

import { words, type Language } from "../words/words";

const UNAVAILABLE_EN = "No longer available for this incident";
const UNAVAILABLE_ES = "Ya no está disponible para este incidente";
const BROKEN_EN = "The connection to the camera broke off";
const BROKEN_ES = "Se cortó la conexión con la cámara";
const TOLD_NOT_EN = "The hub did not understand this screen: load it again";
const TOLD_NOT_ES = "El centro no entendió esta pantalla: vuelva a cargarla";
const OUT_EN = "You are signed out, or your session is locked";
const OUT_ES = "Ha cerrado la sesión, o está bloqueada";
const CLOSED_EN = "The incident is closed";
const CLOSED_ES = "El incidente está cerrado";
const RELAY_EN = "Its owner wants a relay, and the city has none: no live video";
const RELAY_ES = "Su propietario quiere un relé y la ciudad no lo tiene: sin video en vivo";
const FAILED_EN = "It did not work";
const FAILED_ES = "No funcionó";

export const EN = {
  failed: FAILED_EN,
  // All that an owner or a home can decide is one sentence.
  no_longer_available: UNAVAILABLE_EN,
  "camera-unavailable": "Not available for this incident now",
  incident_closed: CLOSED_EN,
  "incident-closed": CLOSED_EN,
  stopped: "You stopped",
  lease_over: "Ended: this screen was not heard from for a while",
  longest: "The longest time that the policy allows is over",
  not_allowed: "The policy does not allow this look any more",
  signed_out: OUT_EN,
  camera_failed: "The camera gives no more pictures",
  hub_stopped: "The hub is being restarted",
  unauthenticated: OUT_EN,
  "session-locked": OUT_EN,
  forbidden: "Your role may not look through cameras",
  "not-found": "There is no such look any more",
  malformed: TOLD_NOT_EN,
  "too-large": TOLD_NOT_EN,
  "unsupported-media-type": TOLD_NOT_EN,
  "offer-refused": "The home did not understand this browser: use a current one",
  "ice-restart-unsupported": BROKEN_EN,
  "precondition-failed": BROKEN_EN,
  "precondition-required": BROKEN_EN,
  "rate-limited": "Too many requests at once",
  internal: "The hub failed",
  "not-ready": "The hub does not reach the homes now",
  "store-failed": "The hub cannot write its log, and without it nobody can look",
  policy: "The city's policy does not allow this look",
  "camera-failed": "The camera gave its home no picture",
  "camera-silent": "The home did not answer in time",
  "camera-busy": "As many people as the owner allows look already",
  "codec-unsupported":
    "It sends H.265 or another format that this browser cannot show; stills may work",
  "no-live-video": "No live video",
  "relay-needed": RELAY_EN,
  relay_needed: RELAY_EN,
  "review-overdue": "A review is overdue",
  not_lent: "Its owner lends stills, and no live video",
  no_webrtc: "This camera has no live video",
  chosen: "You chose stills",
  unreachable: "The hub cannot be reached",
  "connection-lost": BROKEN_EN,
  "no-picture": "No picture came through: a firewall may be in the way; stills may work",
  "player-failed": "This browser could not play the camera",
  over: "This look is over",
  "picture-gone": "The still is too old to be kept",
} as const;

export const ES: Readonly<Record<Reason, string>> = {
  failed: FAILED_ES,
  no_longer_available: UNAVAILABLE_ES,
  "camera-unavailable": "No está disponible ahora para este incidente",
  incident_closed: CLOSED_ES,
  "incident-closed": CLOSED_ES,
  stopped: "Usted lo detuvo",
  lease_over: "Terminó: esta pantalla no dio señales durante un rato",
  longest: "Terminó el tiempo máximo que permite la política",
  not_allowed: "La política ya no permite mirar",
  signed_out: OUT_ES,
  camera_failed: "La cámara ya no da imágenes",
  hub_stopped: "El centro se está reiniciando",
  unauthenticated: OUT_ES,
  "session-locked": OUT_ES,
  forbidden: "Su función no permite mirar por las cámaras",
  "not-found": "Ya se terminó de mirar",
  malformed: TOLD_NOT_ES,
  "too-large": TOLD_NOT_ES,
  "unsupported-media-type": TOLD_NOT_ES,
  "offer-refused": "La casa no entendió a este navegador: use uno actual",
  "ice-restart-unsupported": BROKEN_ES,
  "precondition-failed": BROKEN_ES,
  "precondition-required": BROKEN_ES,
  "rate-limited": "Demasiadas peticiones a la vez",
  internal: "El centro falló",
  "not-ready": "El centro no alcanza las casas ahora",
  "store-failed": "El centro no puede escribir su registro, y sin él nadie puede mirar",
  policy: "La política de la ciudad no permite mirar",
  "camera-failed": "La cámara no dio ninguna imagen a su casa",
  "camera-silent": "La casa no respondió a tiempo",
  "camera-busy": "Ya miran tantas personas como permite el propietario",
  "codec-unsupported":
    "Envía H.265 u otro formato que este navegador no puede mostrar; las fotos pueden funcionar",
  "no-live-video": "Sin video en vivo",
  "relay-needed": RELAY_ES,
  relay_needed: RELAY_ES,
  "review-overdue": "Hay una revisión atrasada",
  not_lent: "Su propietario presta fotos fijas, y no video en vivo",
  no_webrtc: "Esta cámara no tiene video en vivo",
  chosen: "Usted eligió fotos fijas",
  unreachable: "No se alcanza el centro",
  "connection-lost": BROKEN_ES,
  "no-picture":
    "No llegó ninguna imagen: puede haber un cortafuegos; las fotos pueden funcionar",
  "player-failed": "Este navegador no pudo mostrar la cámara",
  over: "Ya se terminó de mirar",
  "picture-gone": "La foto es demasiado antigua para guardarla",
};

export type Reason = keyof typeof EN;
const texts: Readonly<Record<Language, Readonly<Record<Reason, string>>>> = { en: EN, es: ES };
const say = words(texts);

/** The sentence for a reason; what a newer hub may say is at least an end. */
export function because(reason: string): string {
  return say(Object.hasOwn(EN, reason) ? (reason as Reason) : "failed");
}
