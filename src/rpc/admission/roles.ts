import type { Role } from "../../core/role.js";

/** `nothing`: anybody who reaches the listener may call. */
type Needed = Role | "nothing";

/**
 * The role that each method of the internal listener needs. Viewers list and watch. Moderators work on cases and with
 * people. Admins also do what cannot be undone, what costs money, and what concerns the server itself. Load balancers
 * check the health without a name.
 */
const NEEDED: Readonly<Record<string, Readonly<Record<string, Needed>>>> = {
  "satoshigle.internal.v1.OperatorService": { GetOperator: "viewer" },
  "satoshigle.internal.v1.MonitoringService": {
    ...{ GetStats: "viewer", WatchStats: "viewer" },
    ...{ DrainInstance: "admin", ResumeInstance: "admin" },
  },
  "satoshigle.internal.v1.ModerationService": {
    ...{ ListReports: "viewer", WatchReports: "viewer", ListBans: "viewer", ListAppeals: "viewer" },
    ...{ ListCases: "viewer", GetCase: "viewer", ListCaseReports: "viewer", WatchCases: "viewer", ListAudit: "viewer" },
    ...{ GetEvidence: "moderator", ResolveReport: "moderator", Ban: "moderator", Unban: "moderator" },
    ResolveAppeal: "moderator",
    ...{ ClaimCase: "moderator", ReleaseCase: "moderator", ResolveCase: "moderator", AddNote: "moderator" },
  },
  "satoshigle.internal.v1.ActionService": { TakeAction: "moderator", LiftAction: "moderator", ListActions: "viewer" },
  "satoshigle.internal.v1.AdminService": {
    ...{ ListSessions: "viewer", ListMatches: "viewer" },
    ...{ EndMatch: "moderator", CloseSession: "moderator" },
  },
  "satoshigle.internal.v1.PeopleService": {
    ...{ GetPerson: "viewer", ListPeople: "viewer" },
    ...{ CloseSessions: "moderator", RevokeTokens: "moderator", Block: "moderator", Unblock: "moderator" },
    Forget: "admin",
  },
  "satoshigle.internal.v1.TransparencyService": { GetFigures: "viewer", ExportStatements: "moderator" },
  "satoshigle.internal.v1.PaymentService": {
    ...{ GetTip: "viewer", ListTips: "viewer", WatchTips: "viewer", GetTotals: "viewer" },
  },
  "satoshigle.internal.v1.ChannelService": {
    ...{
      GetNode: "viewer",
      ListChannels: "viewer",
      WatchChannels: "viewer",
      GetPolicy: "viewer",
      ListCommands: "viewer",
    },
    ...{ OpenChannel: "admin", CloseChannel: "admin", SetChannelFees: "admin", SetPolicy: "admin" },
  },
  "satoshigle.internal.v1.DepositReviewService": {
    ...{ ListDeposits: "viewer", ForfeitDeposit: "moderator", ReleaseDeposit: "moderator" },
  },
  "satoshigle.internal.v1.EventService": { ListEvents: "viewer", WatchEvents: "viewer" },
  "grpc.health.v1.Health": { Check: "nothing", List: "nothing", Watch: "nothing" },
  "grpc.reflection.v1.ServerReflection": { ServerReflectionInfo: "viewer" },
  "grpc.reflection.v1alpha.ServerReflection": { ServerReflectionInfo: "viewer" },
};

/** What a method needs. One without a row needs the highest role. */
export function neededFor(service: string, method: string): Needed {
  return rowFor(service, method) ?? "admin";
}

/** The row of a method; undefined if it has none. */
export function rowFor(service: string, method: string): Needed | undefined {
  return NEEDED[service]?.[method];
}
