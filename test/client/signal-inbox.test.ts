import { expect, it } from "vitest";
import type { Signal } from "../../src/client/gen/satoshigle/v1/signal_pb.js";
import { SignalInbox } from "../../src/client/call/signal-inbox.js";
import { candidateSignal, descriptionSignal, fromDescription } from "../../src/client/call/signals.js";

const description = (type: "offer" | "answer", sdp: string): Signal =>
  descriptionSignal(fromDescription(type, sdp, "connection"));
const candidate = (text: string): Signal =>
  candidateSignal({ candidate: text, sdpMid: "0", sdpMLineIndex: 0, usernameFragment: "u" } as RTCIceCandidate);

/** The queued signals, in the order in which they would be handled. */
function drain(inbox: SignalInbox): string[] {
  const texts: string[] = [];
  for (let signal = inbox.first; signal; signal = inbox.first) {
    const { case: kind, value } = signal.kind;
    texts.push(kind === "description" ? value.sdp : kind === "candidate" ? value.candidate : String(kind));
    inbox.shift();
  }
  return texts;
}

it("keeps the order of signals, and a limited number of them", () => {
  const inbox = new SignalInbox();
  const numbers = Array.from({ length: 1_000 }, (_, index) => String(index));
  for (const number of numbers) inbox.add([candidate(number)]);
  expect(drain(inbox)).toEqual(numbers.slice(0, 400));
  inbox.add(numbers.map(candidate));
  expect(drain(inbox)).toEqual(numbers.slice(0, 400));
});

it("keeps only the newest of several offers with its candidates, and all answers", () => {
  const inbox = new SignalInbox();
  inbox.add([candidate("of before"), description("offer", "old"), candidate("of the old one")]);
  inbox.add([description("answer", "an answer"), candidate("of the answer"), description("offer", "new")]);
  inbox.add([candidate("of the new one")]);
  expect(drain(inbox)).toEqual(["of before", "an answer", "of the answer", "new", "of the new one"]);
});
