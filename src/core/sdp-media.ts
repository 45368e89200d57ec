import { DomainError } from "./errors.js";
import { type Mode, MODES } from "./matching-schema.js";
import type { Description, Signal } from "./signal.js";

// Which media a description negotiates. A mode allows what those after it in `MODES` do: `audio` to send sound and to
// receive anything, `text` only a data channel. What is not known to be harmless counts as media. The SDP was checked
// before, so each of its lines begins with a letter and `=`, and ends with a line feed.

/** Whether a mode allows what another one needs. */
export function allows(mode: Mode, needed: Mode): boolean {
  return MODES.indexOf(mode) <= MODES.indexOf(needed);
}

/** Returns the least mode that allows the descriptions among signals. */
export function modeNeeded(signals: readonly Signal[]): Mode {
  let needed: Mode = "text";
  for (const signal of signals) {
    if (signal.kind === "description" && !allows(needed, neededBy(signal.sdp))) needed = neededBy(signal.sdp);
  }
  return needed;
}

/** @throws DomainError `field_invalid` at `field` + `.sdp` for a description that the mode does not allow */
export function checkMode({ sdp }: Pick<Description, "sdp">, mode: Mode, field: string): void {
  if (allows(mode, neededBy(sdp))) return;
  const media = mode === "text" ? "audio or video" : "to send video";
  const message = `${field}.sdp: must not negotiate ${media}: the mode of this side is ${mode}`;
  throw new DomainError("field_invalid", message, { field: `${field}.sdp` });
}

/** @throws DomainError `field_invalid` that names the first description that the mode does not allow */
export function checkModes(signals: readonly Signal[], mode: Mode): void {
  signals.forEach((signal, index) => {
    if (signal.kind === "description") checkMode(signal, mode, `signals[${String(index)}].description`);
  });
}

const MEDIA_LINE = "\nm=";

function neededBy(sdp: string): Mode {
  let needed: Mode = "text";
  let start = sdp.indexOf(MEDIA_LINE);
  while (start !== -1) {
    const next = sdp.indexOf(MEDIA_LINE, start + 1);
    const section = sdp.slice(start + 1, next === -1 ? undefined : next + 1);
    const mode = neededBySection(section);
    if (mode === "video") return "video";
    if (mode === "audio") needed = "audio";
    start = next;
  }
  return needed;
}

function neededBySection(section: string): Mode {
  const [, media, port] = /^m=(\S+) (\S+)/.exec(section) ?? [];
  const isRejected = port === "0" && !section.includes("\na=bundle-only"); // RFC 8843: this one is not
  if (media === "application" || isRejected || hasOnly("inactive", section)) return "text";
  return media === "audio" || hasOnly("recvonly", section) ? "audio" : "video";
}

/** Directions, but not those of header extensions, such as `a=extmap:2/recvonly`, which Firefox writes. */
const DIRECTIONS = /(?<!\na=extmap:\d{1,5}\/)(?:sendrecv|sendonly|recvonly|inactive)/gi;

/**
 * Whether a section has this direction and no other. Without one it is `sendrecv`; of several, browsers take different
 * ones. `$` must not have the flag `m`: it would match before separators that browsers do not know as ends of lines.
 */
function hasOnly(direction: "inactive" | "recvonly", section: string): boolean {
  const found = section.match(DIRECTIONS) ?? [];
  if (found.some((one) => one.toLowerCase() !== direction)) return false;
  return new RegExp(`\\na=${direction}\\r?(\\n|$)`).test(section);
}
