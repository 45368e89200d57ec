import { expect, vi } from "vitest";
import type { SignalResponse } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { DomainError } from "../../../src/core/errors.js";
import type { SessionId } from "../../../src/core/ids.js";
import type { Gate } from "./gate.js";

/** A session from an address, with the events it has received. */
export interface OpenSession {
  id: SessionId;
  received: SignalResponse["event"][];
  /** The error with which the stream ended, if any; undefined while it is open. */
  end: { error: unknown } | undefined;
}

/** How long to wait for an event, in milliseconds: shorter than the test's timeout, so that the failure names it. */
const soon = { timeout: 60_000, interval: 10 };

type Event = NonNullable<SignalResponse["event"]>;
type Of<C> = Extract<Event, { case: C; value: object }>["value"];

export async function until<C extends Event["case"] & string>(session: OpenSession, kind: C): Promise<Of<C>> {
  const find = () => session.received.find((one) => one.case === kind);
  await vi.waitFor(
    () => expect(find(), `${kind}; the stream's end is ${String(session.end?.error)}`).toBeDefined(),
    soon,
  );
  return find()?.value as Of<C>;
}

/** Waits until a session is refused because of a ban, before it receives any event. */
export async function untilRefused(session: OpenSession): Promise<void> {
  const [received, isOver] = [() => session.received.map((event) => event.case), () => session.end !== undefined];
  await vi.waitFor(() => expect(isOver() || received().length > 0, "a refusal or an event").toBe(true), soon);
  expect(received(), "events received by the banned session").toEqual([]);
  expect(session.end?.error).toBeInstanceOf(DomainError);
  expect(session.end?.error).toMatchObject({ reason: "banned" });
}

/** Waits until a method of the store has been called this often. */
export async function untilAsked(gate: Gate, times: number): Promise<void> {
  await vi.waitFor(() => expect(gate.came, "calls to the store").toBe(times), soon);
}
