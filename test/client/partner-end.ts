import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { PartnerMessageSchema, type PartnerMessage } from "../../src/client/gen/satoshigle/v1/partner_pb.js";
import type { MessageInit } from "../../src/client/in-call/partner-channel.js";

type Sent = Extract<PartnerMessage["kind"], { value: object }>;
type ValueOf<Case> = Extract<Sent, { case: Case }>["value"];

/** One end of a data channel. What it sends reaches the other end at once, or when the test lets it. */
export class PartnerEnd {
  readyState: RTCDataChannelState = "open";
  binaryType = "";
  bufferedAmountLowThreshold = 0;
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;
  /** Everything sent so far. */
  readonly sent: PartnerMessage["kind"][] = [];
  other: PartnerEnd | undefined;

  /** As the connection that has this channel. */
  get connection(): RTCPeerConnection {
    return { createDataChannel: () => this } as unknown as RTCPeerConnection;
  }

  send(data: Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== "open") throw new Error("the channel is not open");
    this.sent.push(fromBinary(PartnerMessageSchema, data).kind);
    this.other?.deliver(data.slice().buffer);
  }

  deliver(data: unknown): void {
    this.onmessage?.({ data });
  }

  /** A message of the partner arrives. */
  receive(kind: MessageInit): void {
    this.deliver(encodeKind(kind));
  }

  close(): void {
    this.readyState = "closed";
  }

  /** What was sent of this kind. */
  sentOf<Case extends Sent["case"]>(name: Case): ValueOf<Case>[] {
    return this.sent.filter((kind) => kind.case === name).map(({ value }) => value as ValueOf<Case>);
  }
}

export function encodeKind(kind: MessageInit): ArrayBuffer {
  const init = kind === undefined ? {} : { kind };
  return toBinary(PartnerMessageSchema, create(PartnerMessageSchema, init)).slice().buffer;
}
