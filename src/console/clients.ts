import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { ActionService } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { AdminService } from "../../gen/satoshigle/internal/v1/admin_pb.js";
import { ChannelService } from "../../gen/satoshigle/internal/v1/channel_pb.js";
import { DepositReviewService } from "../../gen/satoshigle/internal/v1/deposit_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { OperatorService } from "../../gen/satoshigle/internal/v1/operator_pb.js";
import { PaymentService } from "../../gen/satoshigle/internal/v1/payment_pb.js";
import { PeopleService } from "../../gen/satoshigle/internal/v1/people_pb.js";
import { kept, NAME } from "./operator/kept.js";

export interface Clients {
  monitoring: Client<typeof MonitoringService>;
  admin: Client<typeof AdminService>;
  moderation: Client<typeof ModerationService>;
  /** The same without a limit of time, for streams. */
  watching: Client<typeof ModerationService>;
  actions: Client<typeof ActionService>;
  people: Client<typeof PeopleService>;
  operators: Client<typeof OperatorService>;
  channels: Client<typeof ChannelService>;
  /** The same for commands, which take as long as the node does. */
  commands: Client<typeof ChannelService>;
  /** The same without a limit of time, for streams. */
  channelStreams: Client<typeof ChannelService>;
  deposits: Client<typeof DepositReviewService>;
  payments: Client<typeof PaymentService>;
}

/** How long a call may take, in milliseconds. Streams have no limit. */
const TIMEOUT_MS = 10_000;
/** The same for a command to the node: its peer has to answer too. */
const COMMAND_TIMEOUT_MS = 130_000;

/** Names the operator. A server that knows operators by other means does not read it. */
const withName: Interceptor = (next) => (request) => {
  const name = kept(NAME);
  if (name !== "") request.header.set("x-satoshigle-moderator", name);
  return next(request);
};

export function createClients(baseUrl: string): Clients {
  const interceptors = [withName];
  const calls = createConnectTransport({ baseUrl, defaultTimeoutMs: TIMEOUT_MS, interceptors });
  const commands = createConnectTransport({ baseUrl, defaultTimeoutMs: COMMAND_TIMEOUT_MS, interceptors });
  const streams = createConnectTransport({ baseUrl, interceptors });
  return {
    monitoring: createClient(MonitoringService, streams),
    admin: createClient(AdminService, calls),
    moderation: createClient(ModerationService, calls),
    watching: createClient(ModerationService, streams),
    actions: createClient(ActionService, calls),
    people: createClient(PeopleService, calls),
    operators: createClient(OperatorService, calls),
    channels: createClient(ChannelService, calls),
    commands: createClient(ChannelService, commands),
    channelStreams: createClient(ChannelService, streams),
    deposits: createClient(DepositReviewService, calls),
    payments: createClient(PaymentService, calls),
  };
}
