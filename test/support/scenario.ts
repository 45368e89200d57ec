import type { Transport } from "@connectrpc/connect";
import { expect } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Description_Type } from "../../gen/satoshigle/v1/signal_pb.js";
import { uniqueInterest } from "./pair.js";
import { TestClient } from "./test-client.js";
import { sdp } from "./sdp.js";

/** Matches two clients on two transports; one sends an offer, the other receives it, and the first leaves. */
export async function meetAndLeave(first: Transport, second: Transport): Promise<void> {
  const [waiter, seeker] = [await TestClient.open(first), await TestClient.open(second)];
  const preferences = { interests: [uniqueInterest()] };
  await waiter.match({ preferences });
  await waiter.until("waiting");
  await seeker.match({ preferences });
  const { matchId } = await seeker.until("matched");
  expect(await waiter.until("matched")).toMatchObject({ matchId });
  const description = { type: Description_Type.OFFER, sdp: sdp("a=x:ünïcode"), connectionId: "one" };
  await seeker.send({ matchId, clientSequence: 1, signals: [{ kind: { case: "description", value: description } }] });
  expect(await waiter.until("signalReceived")).toMatchObject({ matchId, signals: [{ kind: { value: description } }] });
  await seeker.leave();
  expect(await seeker.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.LEFT });
  expect(await waiter.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.PARTNER_LEFT });
}
