// Merkle trees (RFC 6962 section 2, RFC 9162 section 2.1): hashes, and the checks of two proofs.

import { type Bytes, joined, same, sha256, utf8 } from "./bytes";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** The hash of an entry, SHA-256(0x00 || data). */
export function leafHash(entry: string): Promise<Bytes> {
  return sha256(joined(LEAF, utf8(entry)));
}

/** The hash of an inner node, SHA-256(0x01 || left || right). */
function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(joined(NODE, left, right));
}

// Sizes go beyond 32 bits, where JavaScript's shifts end.
const half = (number: number) => Math.floor(number / 2);
const odd = (number: number) => number % 2 === 1;

/** Tells whether the entry with this hash has `index` in the tree of `size` (2.1.3.2). */
export async function included(
  leaf: Bytes,
  index: number,
  size: number,
  proof: readonly Bytes[],
  root: Bytes,
): Promise<boolean> {
  if (!place(index) || !place(size) || index >= size) return false;
  let [node, last, found] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (odd(node) || node === last) {
      found = await nodeHash(sibling, found);
      while (!odd(node) && node) [node, last] = [half(node), half(last)];
    } else {
      found = await nodeHash(found, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && same(found, root);
}

/** Tells whether the tree of `size` begins with the tree of `old` (RFC 9162 2.1.4.2). */
export async function continued(
  old: number,
  size: number,
  proof: readonly Bytes[],
  oldRoot: Bytes,
  root: Bytes,
): Promise<boolean> {
  if (!place(old) || !place(size) || old > size) return false;
  if (old === size) return proof.length === 0 && same(oldRoot, root);
  if (old === 0) return proof.length === 0 && same(oldRoot, await sha256(new Uint8Array()));
  const path = powerOfTwo(old) ? [oldRoot, ...proof] : [...proof];
  const begin = path.shift();
  if (!begin) return false;
  let [node, last] = [old - 1, size - 1];
  while (odd(node)) [node, last] = [half(node), half(last)];
  let [first, second] = [begin, begin];
  for (const sibling of path) {
    if (last === 0) return false;
    if (odd(node) || node === last) {
      [first, second] = [await nodeHash(sibling, first), await nodeHash(sibling, second)];
      while (!odd(node) && node) [node, last] = [half(node), half(last)];
    } else {
      second = await nodeHash(second, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && same(first, oldRoot) && same(second, root);
}

function place(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

function powerOfTwo(number: number): boolean {
  return Number.isInteger(Math.log2(number)) && 2 ** Math.round(Math.log2(number)) === number;
}
