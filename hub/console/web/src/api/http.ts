// Asks the hub's API, in the session of the cookie, and names what went wrong (RFC 9457).

import { session } from "../state/store";

export class Problem extends Error {
  constructor(
    readonly slug: string,
    readonly status: number,
    detail: string,
    readonly body: Readonly<Record<string, unknown>> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

/** The problem of a hub that does not answer at all. */
export const UNREACHABLE = "unreachable";

const PREFIX = "urn:jackson-rtcc:problem:";

export interface Ask {
  body?: unknown;
  signal?: AbortSignal;
  keepalive?: boolean;
}

/** Sends one request to a path below /api/v1; throws a Problem for every answer but a good one. */
export async function send(method: string, path: string, ask: Ask = {}): Promise<Response> {
  const headers: Record<string, string> = {};
  if (ask.body !== undefined) headers["Content-Type"] = "application/json";
  const csrf = session.value?.csrf;
  if (csrf && method !== "GET") headers["X-RTCC-CSRF"] = csrf;
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      ...(ask.signal ? { signal: ask.signal } : {}),
      ...(ask.keepalive ? { keepalive: true } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(UNREACHABLE, 0, "The hub does not answer.");
  }
  if (answer.ok) return answer;
  throw await problemOf(answer);
}

export async function ask<T>(method: string, path: string, ask: Ask = {}): Promise<T> {
  const answer = await send(method, path, ask);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export async function problemOf(answer: Response): Promise<Problem> {
  const body = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const wait = Number(answer.headers.get("Retry-After"));
  return new Problem(
    typeof body["type"] === "string" ? body["type"].replace(PREFIX, "") : "internal",
    answer.status,
    typeof body["detail"] === "string" ? body["detail"] : answer.statusText,
    body,
    wait > 0 ? wait : null,
  );
}
