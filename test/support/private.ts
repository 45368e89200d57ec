/** Patterns that must not appear in a log: content of signals, session tokens, and addresses that tests use. */
const markers: readonly RegExp[] = [
  /v=0(\\r|\r)?(\\n|\n)/,
  /\b[oc]=\S* ?.*IN IP[46]/,
  /candidate:\w+ \d/,
  / typ (host|srflx|prflx|relay)/,
  /a=(ice-|fingerprint|mid|candidate)/,
  /Bearer \S/i,
  /[\w-]{16,}\.[\w-]{43}/, // a token: an id and its HMAC
  /\b(192\.0\.2|198\.51\.100|203\.0\.113)\.\d/, // networks for documentation (RFC 5737)
  /2001:db8:/i, // RFC 3849
];

/** Log lines that contain private content of a call or identify its sides. */
export function privateLines(log: string): string[] {
  return log.split("\n").filter((line) => markers.some((marker) => marker.test(line)));
}

/** @throws Error with the first private line of a log */
export function refusePrivate(log: string): void {
  const [line] = privateLines(log);
  if (line !== undefined) throw new Error(`the server logged what it must not: ${line}`);
}
