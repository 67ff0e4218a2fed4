// Asks the hub, names what it refuses, and reads the events that it sends.

// The header `Date` has whole seconds.
const HALF_A_SECOND_MS = 500;

/** What the hub, or the way to it, said no to. */
export class Refused extends Error {
  /**
   * @param {string} problem the problem's name, as in `urn:jackson-rtcc:problem:<name>`
   * @param {number} status the HTTP status; 0 if there was no answer
   * @param {number} [wait] seconds after which to ask again, if the hub said so
   */
  constructor(problem, status, wait = 0) {
    super(problem);
    this.problem = problem;
    this.status = status;
    this.wait = wait;
  }
}

/**
 * @typedef {object} Question
 * @property {unknown} [json] a body to send as JSON
 * @property {string} [text] a body to send as it is
 * @property {string} [type] the media type of `text`
 * @property {Record<string, string>} [headers]
 * @property {boolean} [background] true for what nobody pressed a button for
 * @property {boolean} [keepalive] true for what must outlive the page
 * @property {AbortSignal} [signal]
 */

/**
 * @typedef {object} Api
 * @property {(method: string, path: string, question?: Question) => Promise<Response>} ask
 *   answers with what is good, and throws `Refused` otherwise
 * @property {() => number} now the hub's time of day in milliseconds, to the second
 */

/**
 * Returns what asks the hub in the operator's session.
 *
 * @param {{csrf?: string, base?: string}} [options] the session's CSRF token
 * @returns {Api}
 */
export function createApi({ csrf = "", base = "/api/v1/" } = {}) {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    async ask(method, path, question = {}) {
      const headers = new Headers(question.headers);
      let body = question.text ?? null;
      if (question.json !== undefined) {
        body = JSON.stringify(question.json);
        headers.set("Content-Type", "application/json");
      } else if (question.type) headers.set("Content-Type", question.type);
      if (csrf) headers.set("X-RTCC-CSRF", csrf);
      if (question.background) headers.set("X-RTCC-Background", "1");
      const { keepalive = false, signal = null } = question;
      const answer = await fetch(new URL(path, new URL(base, location.origin)), {
        method,
        headers,
        body,
        keepalive,
        signal,
      }).catch((error) => {
        throw error.name === "AbortError" ? error : new Refused("unreachable", 0);
      });
      const date = Date.parse(answer.headers.get("Date") ?? "");
      if (!Number.isNaN(date)) ahead = date + HALF_A_SECOND_MS - Date.now();
      if (answer.ok) return answer;
      const problem = await answer.json().catch(() => ({}));
      const name = String(problem.type ?? "").replace("urn:jackson-rtcc:problem:", "");
      const wait = Number(answer.headers.get("Retry-After")) || 0;
      throw new Refused(name || "internal", answer.status, wait);
    },
  };
}

/**
 * Reads server-sent events out of an answer until it ends.
 *
 * `EventSource` can send no header, and so could not say that nobody pressed a button for it.
 *
 * @param {Response} answer
 * @returns {AsyncGenerator<{name: string, data: any}>}
 */
export async function* events(answer) {
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (kept + value).replaceAll("\r\n", "\n").split("\n\n");
      kept = parts.pop() ?? "";
      for (const part of parts) {
        const event = read(part);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {string} part */
function read(part) {
  let name = "message";
  let data = "";
  for (const line of part.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    if (line.startsWith("data:")) data += line.slice(5);
  }
  try {
    return data ? { name, data: JSON.parse(data) } : null;
  } catch {
    return null;
  }
}
