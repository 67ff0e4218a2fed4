// Checkpoints: the log's signed size and root (C2SP tlog-checkpoint in a C2SP signed note).

import { type Bytes, fromBase64, fromBase64url, joined, same, sha256, toBase64url, toHex, utf8 } from "./bytes";

export interface Checkpoint {
  origin: string;
  size: number;
  root: Bytes;
  /** What is signed. */
  body: string;
  signatures: readonly { name: string; id: Bytes; value: Bytes }[];
}

const ED25519 = 0x01;
const ID_BYTES = 4;
const HASH_BYTES = 32;

/** Reads a signed note; null if it is out of shape. Nothing in it is believed yet. */
export function readCheckpoint(text: string): Checkpoint | null {
  const at = text.indexOf("\n\n");
  if (at < 0 || !text.endsWith("\n")) return null;
  const body = text.slice(0, at + 1);
  const [origin, sizeText, rootText, ...more] = body.slice(0, -1).split("\n");
  if (!origin || !sizeText || !rootText || more.length) return null;
  const [size, root] = [Number(sizeText), fromBase64(rootText)];
  if (!/^(0|[1-9]\d{0,15})$/.test(sizeText) || !Number.isSafeInteger(size)) return null;
  if (root?.length !== HASH_BYTES) return null;
  const signatures = text.slice(at + 2, -1).split("\n").map(signature);
  if (signatures.some((one) => one === null)) return null;
  return { origin, size, root, body, signatures: signatures.filter((one) => one !== null) };
}

function signature(line: string) {
  const [dash, name, value, ...more] = line.split(" ");
  const raw = fromBase64(value ?? "");
  if (dash !== "—" || !name || name.includes("+") || more.length) return null;
  if (!raw || raw.length <= ID_BYTES) return null;
  return { name, id: raw.slice(0, ID_BYTES), value: raw.slice(ID_BYTES) };
}

/** The four bytes that tell a key in a note (C2SP signed-note). */
export async function keyId(name: string, key: Bytes): Promise<Bytes> {
  const digest = await sha256(joined(utf8(`${name}\n`), Uint8Array.of(ED25519), key));
  return digest.slice(0, ID_BYTES);
}

/** Tells whether the log of this origin signed the checkpoint with its key (base64url). */
export async function signedBy(
  checkpoint: Checkpoint,
  x: string,
  origin: string,
): Promise<boolean> {
  const key = fromBase64url(x);
  if (checkpoint.origin !== origin || key?.length !== HASH_BYTES) return false;
  const id = await keyId(origin, key);
  const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
  for (const one of checkpoint.signatures) {
    if (one.name !== origin || !same(one.id, id)) continue;
    if (await crypto.subtle.verify("Ed25519", imported, one.value, utf8(checkpoint.body))) return true;
  }
  return false;
}

/** The RFC 7638 thumbprint of a key: the hub's id, and the end of its log's origin. */
export async function thumbprint(x: string): Promise<string> {
  return toBase64url(await sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`)));
}

/** The first 80 bits of a thumbprint, as `rtcc-hub fingerprint` writes them. */
export function fingerprint(print: string): string {
  const digest = fromBase64url(print) ?? new Uint8Array();
  return (toHex(digest.slice(0, 10)).match(/.{4}/g) ?? []).join(" ");
}

export function originOf(print: string): string {
  return `jackson-rtcc/${print}`;
}
