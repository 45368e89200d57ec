/** What must never be in a log: what tests put into signals, tokens of sessions, and addresses that tests come from. */
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

/** Lines of a log that tell what must stay between the two people of a call, or who they are. */
export function privateLines(log: string): string[] {
  return log.split("\n").filter((line) => markers.some((marker) => marker.test(line)));
}

/** @throws Error with what a server logged and never should */
export function refusePrivate(log: string): void {
  const [line] = privateLines(log);
  if (line !== undefined) throw new Error(`the server logged what it must not: ${line}`);
}
