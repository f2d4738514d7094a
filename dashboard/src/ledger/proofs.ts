import { EMPTY, type Hash, node } from './bytes';

/**
 * Checks proofs with nothing but the proof and the roots (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Whatever is sent
 * here, the answer is yes or no. Sizes are whole numbers below 2^53, so they are halved by dividing: the operators for
 * bits would cut them to 32.
 */

/** Whether the leaf stands at that index in the log of that size and root. */
export function isIncluded(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  const climb = new Climb(index, size - 1);
  let hash = leaf;
  for (const sibling of proof) {
    if (climb.isAtTop()) return false;
    hash = climb.isRight() ? node(sibling, hash) : node(hash, sibling);
    climb.up();
  }
  return climb.isAtTop() && hash === root;
}

/** Whether the newer log begins with the whole older one: nothing was changed, only appended. */
export function isContinued(
  oldSize: number,
  oldRoot: Hash,
  newSize: number,
  newRoot: Hash,
  proof: readonly Hash[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (oldSize === newSize) return proof.length === 0 && oldRoot === newRoot;
  if (oldSize === 0) return proof.length === 0 && oldRoot === EMPTY;
  if (proof.length === 0) return false;
  // A whole subtree on the left needs no first hash: it is the old root, which is known.
  const whole = isPowerOfTwo(oldSize);
  const start = whole ? oldRoot : proof[0]!;
  const climb = new Climb(oldSize - 1, newSize - 1);
  climb.skipRights();
  let before = start;
  let after = start;
  for (const sibling of whole ? proof : proof.slice(1)) {
    if (climb.isAtTop()) return false;
    if (climb.isRight()) {
      before = node(sibling, before);
      after = node(sibling, after);
    } else {
      after = node(after, sibling);
    }
    climb.up();
  }
  return climb.isAtTop() && before === oldRoot && after === newRoot;
}

/** The way from a node to the root, level by level, beside the last node of each level. */
class Climb {
  constructor(
    private at: number,
    private last: number,
  ) {}

  isAtTop = () => this.last === 0;

  /** Whether the next sibling stands on the left. */
  isRight = () => this.isOdd() || this.at === this.last;

  up() {
    // The last node of a level rises through those where it has no sibling.
    if (this.at === this.last) while (!this.isOdd() && this.at !== 0) this.halve();
    this.halve();
  }

  /** To where the subtree that ends here is not the right half of a larger one. */
  skipRights() {
    while (this.isOdd()) this.halve();
  }

  private isOdd = () => this.at % 2 === 1;

  private halve() {
    this.at = Math.floor(this.at / 2);
    this.last = Math.floor(this.last / 2);
  }
}

const isSize = (value: number) => Number.isSafeInteger(value) && value >= 0;

function isPowerOfTwo(value: number): boolean {
  let odd = value;
  while (odd % 2 === 0) odd /= 2;
  return odd === 1;
}
