/**
 * Limits of the product, the same for every deployment. Those that are also in the `.proto` are announced in
 * `Welcome.limits`; a test keeps the two equal.
 */
export const limits = {
  descriptionBytes: 16 * 1024,
  signalsPerSend: 64,
  interests: 10,
  interestCharacters: 32,
  languages: 5,
  commentCharacters: 1000,
  /**
   * Maximum size of a request's headers, as in nginx. Most of it is for cookies of other programs on the same host name,
   * of which HTTP/2 sends each as a header of its own.
   */
  headerBytes: 32 * 1024,
  /** Maximum headers of a request over HTTP/2. */
  headers: 256,
  /** Maximum size of a request message. */
  messageBytes: 32 * 1024,
  /** Maximum size of a response message. */
  responseBytes: 64 * 1024,
  /** A mailbox that exceeds either limit drops its oldest events. */
  mailboxEvents: 256,
  mailboxBytes: 256 * 1024,
  /** The part of them that each mailbox has to itself: more than the largest description takes up. */
  mailboxOwnBytes: 32 * 1024,
  /** What the mailboxes of a lobby may hold beyond that, all together; when it is used up, each keeps its own part. */
  mailPoolBytes: 256 * 1024 * 1024,
  /**
   * Past partners that a session avoids at a time, one every two seconds of `AVOID_MS`; beyond it the oldest is dropped.
   * Together with `pastMatches`, this bounds the history of a session to 8 KiB in memory.
   */
  recentPartners: 32,
  /** Pairs of people or browsers that are kept apart, after a match or a report; those that may meet first are dropped. */
  partedPairs: 250_000,
  /** Partners that a session may report, and reporters it may have before it is closed. */
  reportedPartners: 100,
  /** Networks that reports from one network may count against in a day. */
  countedReports: 20,
  /** Reports that count at a time, across all networks. */
  countedReportsOfAll: 100_000,
  /** Stored reports; beyond it the network with the most loses its oldest. */
  keptReports: 100_000,
  /** Stored reports of one network, so that mass reports displace only each other. */
  keptReportsFromNetwork: 1_000,
  /**
   * Ended matches that can still be reported, one every five seconds of `REPORTABLE_MS`; beyond it the oldest with the most
   * frequent network is dropped.
   */
  pastMatches: 120,
  /** Consecutive matches with an unanswered offer, after which a session leaves the queue. */
  unansweredMatches: 3,
  /** Pools that a ticket waits in, and that it searches in one tier: with ten interests, five languages, anyone. */
  poolsOfTicket: 66,
  /** Suitable sessions that `Waiting` counts. */
  countedFitting: 64,
  /** Candidates that a search visits before it pauses. */
  searchVisits: 64,
  /** Places in pools that it passes: a candidate has one in each of up to 66 pools. */
  searchPlaces: 512,
  /** Places that it passes when its ticket is revisited as planned, before it queues behind other planned visits. */
  lookPlaces: 64,
  /** Places that the searches of one step pass together, and all that continue within `SEARCH_PAUSE_MS`. */
  stepPlaces: 2_048,
  /** The smallest and the largest tip, in millisatoshis. */
  minTipMsat: 1_000,
  maxTipMsat: 1_000_000_000,
  tipCommentCharacters: 140,
  /** Open tips of one payer. */
  openTips: 8,
  /**
   * Tips from one network in a day (UTC), counted for the payer's widest network: some hours of sats by the minute. A
   * tip takes up to 4.9 KB in Redis and as much in a file, so a network writes at most 9.8 MB a day.
   */
  tipsOfNetwork: 2_000,
  /** Stored tips, 2.5 GB at most. */
  keptTips: 500_000,
  /** Networks with a stored ban, in force or not. */
  keptBans: 100_000,
  /** Appeals against bans from one network (/24 or /48) in a day. */
  appealsOfNetwork: 20,
  /** Stored actions of moderators, in force or not. */
  keptActions: 50_000,
  /** Commands to the operator's node. The oldest that is concluded is dropped for a new one. */
  keptCommands: 10_000,
  /** Stored cases; beyond it the last of the resolved ones is dropped, else the last of the queue. */
  keptCases: 100_000,
  /** Independent reporters that raise a case; further ones do not. */
  caseReporters: 100,
  caseNotes: 50,
  /** Maximum unseen reports per reporter that are checked for answers, and maximum open sessions per reporter to notify. */
  answeredReports: 100,
  answeredSessions: 16,
  /** Maximum warnings that a session receives at its beginning, and maximum open sessions that receive a new one. */
  toldWarnings: 20,
  warnedSessions: 16,
  /** Cases that one request for a page visits, so that a filter that few cases pass does not read them all. */
  caseVisits: 1_000,
  /** Stored entries of the audit log, about 0.3 GB; beyond it the oldest are dropped. */
  keptAuditEntries: 1_000_000,
  /** Stored pieces of evidence, 256 MiB; beyond it the evidence of the oldest report is dropped. */
  keptEvidencePieces: 16_384,
  /** Pieces of evidence from one network in a day: at least 50 reports, 6 MiB. */
  evidencePiecesOfNetwork: 400,
  /** Matches whose chat commitments a single process keeps. */
  committedMatches: 200_000,
  /** Stored people; new ones are not stored beyond it, and can connect nevertheless. */
  keptPeople: 1_000_000,
  /** People that one person can block. */
  blockedPeople: 500,
  /** Networks whose rate of new sessions is known; beyond it the one that opened none for longest is forgotten. */
  heatedNetworks: 100_000,
  /** Used solutions of challenges that are remembered, 0.1 GB; beyond it, none is accepted. */
  spentSolutions: 500_000,
  /** Stored deposits, 0.1 GB. */
  keptDeposits: 200_000,
  /** How long a challenge is valid, in milliseconds. */
  challengeMs: 120_000,
  /** Tips in the `Welcome` of a returning session. */
  welcomeTips: 64,
} as const;

/** How long a partner is avoided after a match, in milliseconds. */
export const AVOID_MS = 60_000;
/** How long a person and a reported partner are kept apart in their further sessions, in milliseconds. */
export const AVOID_REPORTED_MS = 24 * 60 * 60_000;
/** How many pairs that may meet again are forgotten with each new one, so that no step takes long. */
export const PARTED_AT_ONCE = 8;
/** How many of them a store in memory forgets each time it looks for what is due: many may be left when a crowd has gone. */
export const PARTED_WHEN_DUE = 1_000;
/** How long people are stored after they were seen last, and revocations after they were made, in milliseconds. */
export const PERSON_KEPT_MS = 400 * 24 * 60 * 60_000;
/** How long after its end a match can be reported, in milliseconds. */
export const REPORTABLE_MS = 600_000;
/**
 * How many sessions one step of a store closes, or marks as away, so that no step takes long: each may wait in 66 pools,
 * or have a partner who searches again.
 */
export const CLOSED_AT_ONCE = 10;
/** The pause of a search, in milliseconds. */
export const SEARCH_PAUSE_MS = 250;
/** The longest time between two visits of a waiting ticket, in milliseconds. */
export const REVISIT_MS = 10_000;
/** Weight of the newest wait in the running average that estimates use. */
export const WAIT_AVERAGE_WEIGHT = 0.1;
