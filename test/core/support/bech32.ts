/** The bech32 alphabet: one character for five bits. */
export const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** The prefix and the five-bit words of an invoice, without its checksum. */
export interface Words {
  prefix: string;
  words: number[];
}

export function toWords(text: string): Words {
  const separator = text.lastIndexOf("1");
  const words = Array.from(text.slice(separator + 1, -6), (character) => ALPHABET.indexOf(character));
  return { prefix: text.slice(0, separator), words };
}

/** The text of these words with their checksum (BIP 173), whatever they mean. */
export function fromWords({ prefix, words }: Words): string {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const rest = polymod([...expanded, ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const checksum = [25, 20, 15, 10, 5, 0].map((shift) => (rest >> shift) & 31);
  return `${prefix}1${[...words, ...checksum].map((word) => ALPHABET.charAt(word)).join("")}`;
}

function polymod(words: number[]): number {
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let rest = 1;
  for (const word of words) {
    const top = rest >> 25;
    rest = ((rest & 0x1ffffff) << 5) ^ word;
    generators.forEach((generator, bit) => {
      if ((top >> bit) & 1) rest ^= generator;
    });
  }
  return rest;
}

/** Bytes as five-bit words, padded with zeros. */
export function wordsOf(bytes: Uint8Array): number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => parseInt(group.padEnd(5, "0"), 2));
}

/** A number as a given number of words, or as few as needed. */
export function numberWords(value: number, count = 1): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0 || words.length < count; rest = Math.floor(rest / 32)) words.unshift(rest % 32);
  return words;
}
