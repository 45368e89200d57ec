import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { setTimeout } from "node:timers/promises";
import { MatchEnded_Reason, type Welcome } from "../../gen/satoshigle/v1/event_pb.js";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { type SignalResponse, SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";

const [url = "http://localhost:3001"] = process.argv.slice(2);
const transport = createConnectTransport({ baseUrl: url, httpVersion: "2" });
const signaling = createClient(SignalService, transport);
const matching = createClient(MatchService, transport);

/** What a stream needs to resume the session. */
const session = { token: "", epoch: "", lastSequence: 0 };
const authorized = () => ({ headers: session.token === "" ? {} : { authorization: `Bearer ${session.token}` } });

/** Looks for a partner; in a match, leaves that one first. */
async function next(leaveMatchId = ""): Promise<void> {
  await matching.match({ preferences: { interests: ["bot"] }, rematch: true, leaveMatchId }, authorized());
}

async function begin({ token, epoch, resumed, lastSequence, sessionId, snapshot }: Welcome): Promise<void> {
  Object.assign(session, { token, epoch });
  console.log(`${resumed ? "resumed" : "new"} session ${sessionId}`);
  if (resumed) return;
  session.lastSequence = lastSequence;
  await next(snapshot?.state.case === "inMatch" ? snapshot.state.value.matchId : "");
}

/** Prints the kinds of media in an offer, such as "audio, video", and moves on. */
async function look(matchId: string, sdp: string): Promise<void> {
  const media = [...sdp.matchAll(/^m=(\w+)/gm)].map(([, kind]) => kind);
  console.log(`partner offers ${media.join(", ")}`);
  await next(matchId);
}

async function handle({ event }: SignalResponse): Promise<void> {
  if (event.case === "welcome") await begin(event.value);
  if (event.case === "waiting") console.log("waiting");
  if (event.case === "matchEnded") console.log(`match ended: ${MatchEnded_Reason[event.value.reason]}`);
  if (event.case === "matched") {
    console.log("matched");
    if (event.value.offer) await look(event.value.matchId, event.value.offer.sdp);
  }
  if (event.case === "signalReceived") {
    for (const { kind } of event.value.signals) {
      if (kind.case === "description") await look(event.value.matchId, kind.value.sdp);
    }
  }
}

for (;;) {
  try {
    const { epoch, lastSequence } = session;
    for await (const response of signaling.signal({ epoch, lastSequence }, authorized())) {
      await handle(response);
      if (response.sequence > 0) session.lastSequence = response.sequence;
    }
  } catch (error) {
    const { code, message } = ConnectError.from(error);
    console.log(`disconnected: ${message}`);
    if (code === Code.Unauthenticated) Object.assign(session, { token: "", epoch: "", lastSequence: 0 });
  }
  await setTimeout(1_000);
}
