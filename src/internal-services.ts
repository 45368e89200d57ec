import { ActionService } from "../gen/satoshigle/internal/v1/action_pb.js";
import { AdminService } from "../gen/satoshigle/internal/v1/admin_pb.js";
import { ChannelService } from "../gen/satoshigle/internal/v1/channel_pb.js";
import { DepositReviewService } from "../gen/satoshigle/internal/v1/deposit_pb.js";
import { EventService } from "../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../gen/satoshigle/internal/v1/monitoring_pb.js";
import { OperatorService } from "../gen/satoshigle/internal/v1/operator_pb.js";
import { PeopleService } from "../gen/satoshigle/internal/v1/people_pb.js";
import { PaymentService } from "../gen/satoshigle/internal/v1/payment_pb.js";
import { TransparencyService } from "../gen/satoshigle/internal/v1/transparency_pb.js";
import { AnswerService } from "../gen/satoshigle/v1/answer_pb.js";
import { DepositService } from "../gen/satoshigle/v1/deposit_pb.js";
import { DiagnosticsService } from "../gen/satoshigle/v1/diagnostics_pb.js";
import { MatchService } from "../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../gen/satoshigle/v1/signaling_pb.js";
import { EvidenceService } from "../gen/satoshigle/v1/evidence_pb.js";
import { TipService } from "../gen/satoshigle/v1/tipping_pb.js";
import { WarningService } from "../gen/satoshigle/v1/warning_pb.js";
import type { Actions } from "./app/actions.js";
import type { Appeals } from "./app/appeals.js";
import type { Cases } from "./app/cases.js";
import type { Channels } from "./app/channels.js";
import type { Deposits } from "./app/deposits.js";
import type { Evidence } from "./app/evidence.js";
import { Events } from "./app/events.js";
import type { Moderation } from "./app/moderation.js";
import { Operations } from "./app/operations.js";
import type { People } from "./app/people.js";
import type { Payments } from "./app/payments.js";
import type { Stats } from "./app/stats.js";
import { Transparency } from "./app/transparency.js";
import type { Operators } from "./ports/operators.js";
import type { InternalService } from "./rpc/service.js";
import { actionService } from "./rpc/services/actions.js";
import { adminService } from "./rpc/services/admin.js";
import { channelService } from "./rpc/services/channels.js";
import { depositReviewService } from "./rpc/services/deposits.js";
import { eventService } from "./rpc/services/events.js";
import { healthService } from "./rpc/services/health.js";
import { moderationService } from "./rpc/services/moderation.js";
import { type InstanceControl, monitoringService } from "./rpc/services/monitoring.js";
import { operatorService } from "./rpc/services/operator.js";
import { peopleService } from "./rpc/services/people.js";
import { paymentService } from "./rpc/services/payment.js";
import { transparencyService } from "./rpc/services/transparency.js";
import type { Stores } from "./stores.js";

/** The services that the health service reports on. */
const healthChecked = [
  SignalService,
  MatchService,
  TipService,
  DepositService,
  AnswerService,
  WarningService,
  DiagnosticsService,
  EvidenceService,
  MonitoringService,
  ModerationService,
  PeopleService,
  PaymentService,
  ChannelService,
  DepositReviewService,
  EventService,
  AdminService,
  ActionService,
  OperatorService,
  TransparencyService,
].map(({ typeName }) => typeName);

interface Parts {
  stores: Pick<Stores, "events" | "roster" | "clock" | "records" | "actions" | "cases">;
  stats: Stats;
  instance: InstanceControl;
  moderation: Moderation;
  appeals: Appeals;
  actions: Actions;
  cases: Cases;
  evidence: Evidence;
  payments: Payments;
  deposits: Deposits | undefined;
  people: People;
  /** Undefined without a node. */
  channels: Channels | undefined;
  operators: Operators;
  isReady: () => boolean;
}

/** What the internal listener serves. */
export function internalServices(parts: Parts): InternalService[] {
  const {
    stores,
    stats,
    instance,
    moderation,
    appeals,
    actions,
    cases,
    evidence,
    people,
    payments,
    channels,
    deposits,
    operators,
    isReady,
  } = parts;
  return [
    monitoringService(stats, instance),
    moderationService(moderation, appeals, { cases, evidence, operators }),
    operatorService(operators),
    actionService(actions, operators),
    peopleService(people, operators),
    transparencyService(new Transparency(stores)),
    paymentService(payments),
    channelService(channels, operators),
    depositReviewService(deposits, operators),
    eventService(new Events(stores.events, stores.clock, people)),
    adminService(new Operations(stores.roster, stores.clock, people, stores.cases), operators),
    healthService(healthChecked, isReady, stores.clock),
  ];
}
