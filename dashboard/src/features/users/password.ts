/** Without letters and digits that look alike, 32 of them, so that each carries five whole bits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789+';
const GROUPS = 4;
const GROUP = 5;

/** A password nobody has thought of: 100 random bits, in groups that can be read out. */
export function madePassword(): string {
  const random = crypto.getRandomValues(new Uint8Array(GROUPS * GROUP));
  const letters = Array.from(random, (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return letters.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-');
}
