const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A new ULID: 48 bits of milliseconds and 80 random bits in 26 characters. */
export function ulid(now = Date.now()): string {
  let text = '';
  for (let n = now, i = 0; i < 10; i++) {
    text = alphabet.charAt(n % 32) + text;
    n = Math.floor(n / 32);
  }
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += alphabet.charAt(byte % 32);
  return text;
}
