/** Fields that the client does not read. Their names would be a part of every page, so its descriptors leave them out. */
export const unreadFields: ReadonlySet<string> = new Set([
  "satoshigle.v1.Welcome.resume_window",
  "satoshigle.v1.Attribute.gives_way_after",
  "satoshigle.v1.Snapshot.idle",
  "satoshigle.v1.InMatch.start_time",
  "satoshigle.v1.Limits.max_interests",
  "satoshigle.v1.Limits.max_languages",
  "satoshigle.v1.Limits.max_comment_characters",
  "satoshigle.v1.Limits.max_calls",
  "satoshigle.v1.Limits.call_window",
  "satoshigle.v1.Limits.max_open_tips",
  "satoshigle.v1.Matched.handshake_timeout",
  "satoshigle.v1.PartnerAway.deadline_time",
  "satoshigle.v1.ReportResponse.report_id",
  "google.rpc.ErrorInfo.domain",
]);
