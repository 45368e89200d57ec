const ROUNDS = 64;
const BLOCK_BYTES = 64;
/** What padding takes: one byte, and the length. */
const PADDING_BYTES = 9;

/** The first 32 bits of the fractional parts of a root of the first primes, as FIPS 180-4 defines the constants. */
function fractions(count: number, root: (value: number) => number): Uint32Array<ArrayBuffer> {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) isPrime = false;
    if (isPrime) found.push((root(candidate) % 1) * 2 ** 32);
  }
  return Uint32Array.from(found);
}

const START = fractions(8, Math.sqrt);
const ROUND_WORDS = fractions(ROUNDS, Math.cbrt);
const schedule = new Int32Array(ROUNDS);
const padded = new Uint8Array(BLOCK_BYTES);
const view = new DataView(padded.buffer);

/**
 * SHA-256 of at most 55 bytes, as eight words. The browser's own is asynchronous, which takes many times as long for so
 * few bytes. The result is overwritten by the next call.
 */
export function sha256(message: Uint8Array): Uint32Array {
  if (message.length > BLOCK_BYTES - PADDING_BYTES) throw new RangeError("the message is longer than a block");
  padded.fill(0);
  padded.set(message);
  padded[message.length] = 0x80;
  view.setUint32(BLOCK_BYTES - 4, message.length * 8);
  expand();
  return compress();
}

function at(words: Int32Array | Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function expand(): void {
  for (let index = 0; index < 16; index++) schedule[index] = view.getUint32(4 * index);
  for (let index = 16; index < ROUNDS; index++) {
    const [old, recent] = [at(schedule, index - 15), at(schedule, index - 2)];
    const a = ((old >>> 7) | (old << 25)) ^ ((old >>> 18) | (old << 14)) ^ (old >>> 3);
    const b = ((recent >>> 17) | (recent << 15)) ^ ((recent >>> 19) | (recent << 13)) ^ (recent >>> 10);
    schedule[index] = (at(schedule, index - 16) + a + at(schedule, index - 7) + b) | 0;
  }
}

const result = new Uint32Array(START.length);

function compress(): Uint32Array {
  let [a, b, c, d] = [at(START, 0) | 0, at(START, 1) | 0, at(START, 2) | 0, at(START, 3) | 0];
  let [e, f, g, h] = [at(START, 4) | 0, at(START, 5) | 0, at(START, 6) | 0, at(START, 7) | 0];
  for (let index = 0; index < ROUNDS; index++) {
    const sum = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + sum + ((e & f) ^ (~e & g)) + at(ROUND_WORDS, index) + at(schedule, index)) | 0;
    const other = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (other + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (result[index] = at(START, index) + word));
  return result;
}
