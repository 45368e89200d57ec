declare const brand: unique symbol;
/** A string type that other strings are not assignable to. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Public id of a session; the token is the signed id. */
export type SessionId = Branded<"session">;
/** Id of a match; never reused. */
export type MatchId = Branded<"match">;
/** Id of a ticket; one per `Match` call that starts a wait. */
export type TicketId = Branded<"ticket">;
/** Identifies one run of a session's sequence numbers. */
export type Epoch = Branded<"epoch">;
/** Identifies a network (a /24, or a /64, /56 or /48) without revealing its address. */
export type AddressKey = Branded<"address">;
declare const person: unique symbol;
/** Identifies a person of the app: `~` and a keyed hash of the subject. It may stand wherever a network's key may. */
export type PersonKey = AddressKey & { readonly [person]: true };
declare const device: unique symbol;
/** Identifies a browser: `^` and a keyed hash of the random key that it keeps. It may stand where a network's key may. */
export type DeviceKey = AddressKey & { readonly [device]: true };
/**
 * Identifies a network and the wider ones that contain it: their `AddressKey`s, the narrowest first, joined by dots.
 * For IPv6 the /64, the /56 and the /48, for IPv4 the /24 only. The `PersonKey` of a person
 * of the app comes first, then the `DeviceKey` of a browser that sends one.
 */
export type NetworkKey = Branded<"network" | "address">;
/** Id of a ban, which the banned are told (`banIdOf`). */
export type BanId = Branded<"ban">;
/** Id of an action that a moderator took. */
export type ActionId = Branded<"action">;
/** Id of a deposit. */
export type DepositId = Branded<"deposit">;
/** Id of a tip, chosen by its payer. */
export type TipId = Branded<"tip">;
/** Id of a command to the operator's node, chosen by its caller. */
export type CommandId = Branded<"command">;
