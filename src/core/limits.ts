/**
 * Bounds that are part of the product rather than of a deployment. Those that also stand in the `.proto` are told to
 * clients in `Welcome.limits`; a test keeps the two equal.
 */
export const limits = {
  descriptionBytes: 16 * 1024,
  signalsPerSend: 64,
  interests: 10,
  languages: 5,
  commentCharacters: 1000,
  /** A request's headers. */
  headerBytes: 8 * 1024,
  /** Largest request message on the wire. */
  messageBytes: 32 * 1024,
  /** Largest response message on the wire. */
  responseBytes: 64 * 1024,
  /** A mailbox beyond either of these loses its oldest events. */
  mailboxEvents: 256,
  mailboxBytes: 256 * 1024,
  /** Of these a mailbox always has so many to itself: more than the largest description takes up. */
  mailboxOwnBytes: 32 * 1024,
  /** What the mailboxes of a lobby hold beyond their own bytes, all together. One that finds nothing left keeps its own. */
  mailPoolBytes: 256 * 1024 * 1024,
  /** Past partners a session avoids at a time; the one met longest ago is dropped beyond it. */
  recentPartners: 128,
  /** Partners a session may report, and reporters it may have before it is closed. */
  reportedPartners: 100,
  /** Networks against which the reports from one network count, in a day. */
  countedReports: 20,
  /** Reports that count at a time, of all networks. */
  countedReportsOfAll: 100_000,
  /** Reports that are kept; beyond it the network that made the most loses its oldest. */
  keptReports: 100_000,
  /** Reports from one network that are kept: whoever makes reports for hours drops their own, not those of others. */
  keptReportsFromNetwork: 1_000,
  /** Matches that can still be reported after their end; beyond it goes the oldest with the network met most often. */
  pastMatches: 128,
  /** Matches in a row whose offer nobody answered, after which a session leaves the queue. */
  unansweredMatches: 3,
  /** Candidates that a search for a partner visits at most before it rests. */
  searchVisits: 64,
  /** Places in pools that it goes past: a candidate has one in each of up to 66 pools. */
  searchPlaces: 512,
  /** Places that it goes past when its ticket is looked at as planned, before it goes on behind other such tickets. */
  lookPlaces: 64,
  /** Places that the searches of one step go past together, and all that go on within `SEARCH_PAUSE_MS`. */
  stepPlaces: 2_048,
  /** The smallest and the largest tip, in thousandths of a satoshi. */
  minTipMsat: 1_000,
  maxTipMsat: 1_000_000_000,
  tipCommentCharacters: 140,
  /** Tips of one payer that may be open at a time. */
  openTips: 8,
  /**
   * Tips from one network in a day (UTC), the widest that the payer is part of: some hours of sats by the minute.
   * A tip takes up to 2.8 KB in Redis and as much in a file, so that a network writes no more than 5.6 MB a day.
   */
  tipsOfNetwork: 2_000,
  /** Tips in the books, 1.4 GB at most. */
  keptTips: 500_000,
  /** Networks of which a ban is remembered, in force or not. */
  keptBans: 100_000,
  /** Tips that a session is told of when it comes back. */
  toldTips: 64,
} as const;

/** How long a partner is avoided after a match, in milliseconds. */
export const AVOID_MS = 60_000;
/** How long after its end a match can be reported, in milliseconds. */
export const REPORTABLE_MS = 600_000;
/** A search that rests goes on after this long, in milliseconds. */
export const SEARCH_PAUSE_MS = 250;
/** A waiting ticket is looked at again at least this often, in milliseconds. */
export const REVISIT_MS = 10_000;
/** Share of the newest wait in the running average that estimates are made of. */
export const WAIT_AVERAGE_WEIGHT = 0.1;
