import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import { Health } from "../../../gen/health/v1/health_pb.js";
import { ActionService } from "../../../gen/satoshigle/internal/v1/action_pb.js";
import { AdminService } from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import { ChannelService } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { DepositReviewService } from "../../../gen/satoshigle/internal/v1/deposit_pb.js";
import { EventService } from "../../../gen/satoshigle/internal/v1/event_log_pb.js";
import { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { OperatorService } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { PaymentService } from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import { PeopleService } from "../../../gen/satoshigle/internal/v1/people_pb.js";
import { TransparencyService } from "../../../gen/satoshigle/internal/v1/transparency_pb.js";
import { AnswerService } from "../../../gen/satoshigle/v1/answer_pb.js";
import { DiagnosticsService } from "../../../gen/satoshigle/v1/diagnostics_pb.js";
import { EvidenceService } from "../../../gen/satoshigle/v1/evidence_pb.js";
import { MatchService } from "../../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { TipService } from "../../../gen/satoshigle/v1/tipping_pb.js";
import { DepositService } from "../../../gen/satoshigle/v1/deposit_pb.js";
import { WarningService } from "../../../gen/satoshigle/v1/warning_pb.js";

// Whatever attacks all methods takes them from here. A test compares these lists with the protocol.

export const publicServices = [
  SignalService,
  MatchService,
  TipService,
  AnswerService,
  WarningService,
  DepositService,
  DiagnosticsService,
  EvidenceService,
];

export const internalServices = [
  ActionService,
  AdminService,
  ChannelService,
  DepositReviewService,
  EventService,
  ModerationService,
  MonitoringService,
  OperatorService,
  PaymentService,
  PeopleService,
  TransparencyService,
  Health,
  ServerReflection,
];
