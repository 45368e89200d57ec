import type { LogNormal } from "./distributions.js";

/** What is assumed about people. Times are in milliseconds, shares are of 1. */
export interface Model {
  /** The expected number of people; how many come is random (Poisson). */
  people: number;
  /** Arrivals by hour of the day, in any unit; linear between the middles of hours. */
  hourlyArrivals: readonly number[];
  /** How many chats a person wants; geometric, so that each may be the last with the same probability. */
  meanChats: number;
  /** How long a person waits before it gives up, drawn for each wait. */
  patienceMs: LogNormal;
  /** How long a side wants to stay in a chat: a short look or a talk. The side that wants less ends the chat. */
  lookMs: LogNormal;
  talkMs: LogNormal;
  talkShare: number;
  /** From `Matched` to the offer, or from the offer to the answer, at the server. */
  replyMs: LogNormal;
  /** Matches whose offer is never answered. */
  unansweredShare: number;
  /** Sides that lose their connection in a chat, and those of them that return. The others are gone. */
  lossShare: number;
  returnShare: number;
  returnMs: LogNormal;
  /** People who close the page without pressing Stop. */
  closesPageShare: number;
  /** How long a person takes to react to the end of a chat. */
  reactionMs: number;
  /** Variables of the server: `WIDEN_AFTER_MS`, `CONNECTION_TIMEOUT_MS`, `MAX_DISCONNECTION_DURATION_MS`. */
  widenAfterMs: number;
  handshakeMs: number;
  resumeWindowMs: number;
}

const SECOND = 1_000;

export const standardModel: Model = {
  people: 1_000_000,
  hourlyArrivals: [42, 30, 22, 17, 15, 16, 20, 26, 33, 39, 44, 48, 52, 54, 56, 60, 66, 74, 84, 95, 104, 106, 92, 66],
  meanChats: 4,
  patienceMs: { median: 60 * SECOND, sigma: 0.8 },
  lookMs: { median: 8 * SECOND, sigma: 0.8 },
  talkMs: { median: 420 * SECOND, sigma: 1 },
  talkShare: 0.45,
  replyMs: { median: 250, sigma: 0.6 },
  unansweredShare: 0.01,
  lossShare: 0.02,
  returnShare: 0.85,
  returnMs: { median: 4 * SECOND, sigma: 0.7 },
  closesPageShare: 0.4,
  reactionMs: SECOND,
  widenAfterMs: 5 * SECOND,
  handshakeMs: 20 * SECOND,
  resumeWindowMs: 60 * SECOND,
};

/** How long a closed page keeps its session, as in `src/app/sessions.ts`. */
export const RELOAD_MS = 5 * SECOND;
/** How long events are kept for a stream that resumes: the resume window and two heartbeats of 15 seconds. */
export const KEPT_MS = 90 * SECOND;

/** What people are and seek. */
export const crowdModel = {
  /** People who name no language, and so talk with everyone. */
  noLanguageShare: 0.1,
  /** Languages by how many of those who name one speak it, in percent. Each person names one. */
  languages: [40, 15, 10, 8, 6, 5, 4, 3, 2.5, 2, 1.5, 1, 0.5, 0.4, 0.3, 0.2, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05],
  /** A language is small if fewer than this many percent speak it. */
  smallLanguagePercent: 1,
  /** People who name one to three interests, each number as often. Interests follow Zipf's law. */
  interestsShare: 0.35,
  interests: 200,
  mostInterests: 3,
  /** Countries follow Zipf's law, whatever the language. */
  countries: 30,
  /** What people send: video, audio, text. */
  modes: [0.8, 0.08, 0.12],
  /** People who seek their own mode; this filter never gives way. */
  strictFilterShare: 0.06,
  /** People who seek their own country. This filter gives way after as many times `WIDEN_AFTER_MS`. */
  softFilterShare: 0.08,
  softFilterFactor: 3,
} as const;
