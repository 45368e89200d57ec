const digits = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

/** An amount in satoshis, such as `1,500 sat`. */
export function formatSat(sat: bigint): string {
  return `${digits.format(sat)} sat`;
}

/** An amount in millisatoshis as one in satoshis, such as `1,500.25 sat`. */
export function formatMsat(msat: bigint): string {
  return `${digits.format(Number(msat) / 1000)} sat`;
}
