import type { Attribute, MatchingSchema } from "../../src/core/matching-schema.js";
import type { Ticket } from "../../src/core/ticket.js";

/** Says of each two people, one by one, whether they fit: the specification of the pools, with which it shares no code. */
export class Fitting {
  constructor(readonly schema: MatchingSchema) {}

  /** Whether two tickets fit at a time, with the filters that each has left. */
  fit(a: Ticket, b: Ticket, nowMs: number): boolean {
    return this.#fitWithout(a, this.gone(a, nowMs), b, this.gone(b, nowMs));
  }

  /** How many soft filters of the seeker must be left out for the two to fit; undefined if they do not. */
  tier(seeker: Ticket, other: Ticket, nowMs: number): number | undefined {
    const gone = this.gone(seeker, nowMs);
    for (let tier = 0; tier <= gone.length; tier++) {
      if (this.#fitWithout(seeker, gone.slice(0, tier), other, this.gone(other, nowMs))) return tier;
    }
    return undefined;
  }

  /** The soft filters of a ticket that gave way by a time, in that order. */
  gone(ticket: Ticket, nowMs: number): string[] {
    return this.#soft(ticket)
      .filter(({ givesWayAfterMs = Infinity }) => nowMs - ticket.softSinceMs >= givesWayAfterMs)
      .map(({ name }) => name);
  }

  /** What a ticket seeks until it gives way. */
  softly(ticket: Ticket): string {
    return this.#soft(ticket)
      .map((attribute) => `${attribute.name}: ${soughtBy(ticket, attribute).join()}`)
      .join(";");
  }

  /** The values that both have of an attribute. */
  shared(a: Ticket, b: Ticket, name: string): string[] {
    return ownOf(a, name).filter((value) => ownOf(b, name).includes(value));
  }

  #soft(ticket: Ticket): Attribute[] {
    const soft = this.schema.attributes.filter((attribute) => {
      return attribute.givesWayAfterMs !== undefined && soughtBy(ticket, attribute).length > 0;
    });
    return soft.sort((a, b) => (a.givesWayAfterMs ?? 0) - (b.givesWayAfterMs ?? 0));
  }

  #fitWithout(a: Ticket, aGone: string[], b: Ticket, bGone: string[]): boolean {
    return this.schema.attributes.every(
      (attribute) => accepts(a, aGone, attribute, b) && accepts(b, bGone, attribute, a),
    );
  }
}

function ownOf({ criteria }: Ticket, name: string): readonly string[] {
  return criteria.attributes.find(([one]) => one === name)?.[1] ?? [];
}

function soughtBy(ticket: Ticket, { name, isMutual, isSought }: Attribute): readonly string[] {
  if (!isSought) return [];
  return isMutual ? ownOf(ticket, name) : (ticket.criteria.filters.find(([one]) => one === name)?.[1] ?? []);
}

/** Whether one's filter for an attribute, unless it is gone, accepts the other. */
function accepts(one: Ticket, gone: string[], attribute: Attribute, other: Ticket): boolean {
  const sought = soughtBy(one, attribute);
  if (sought.length === 0 || gone.includes(attribute.name)) return true;
  const values = ownOf(other, attribute.name);
  return values.length === 0 ? attribute.acceptsUnknown : values.some((value) => sought.includes(value));
}
