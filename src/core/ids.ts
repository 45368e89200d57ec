declare const brand: unique symbol;
/** Text that is not to be mixed up with other text. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Public id of a session; the token is this with a signature. */
export type SessionId = Branded<"session">;
/** Id of a match; unique for good. */
export type MatchId = Branded<"match">;
/** Id of the wish for a partner; one per `Match` call that starts a wait. */
export type TicketId = Branded<"ticket">;
/** Names one run of a session's sequence numbers. */
export type Epoch = Branded<"epoch">;
/** Names a network (a /24, or a /64, /56 or /48) without telling its address. */
export type AddressKey = Branded<"address">;
/**
 * Names a network with the wider ones that it is part of, each by its `AddressKey`, the narrowest first, joined by dots:
 * of IPv6 the /64, the /56 and the /48, of IPv4 the /24 alone.
 */
export type NetworkKey = Branded<"network" | "address">;
/** Id of a tip, chosen by its payer. */
export type TipId = Branded<"tip">;
