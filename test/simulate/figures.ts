import { CLASSES, type Person, type PersonClass } from "./crowd.js";
import { LogHistogram } from "./log-histogram.js";

const HOUR_MS = 3_600_000;
const HOURS = 24;

/** What happened to the people of a class. */
export class ClassFigures {
  people = 0;
  /** People who left without a match, and after one or more. */
  unmatched = 0;
  afterChats = 0;
  /** Waits that ended because patience did. */
  givenUp = 0;
  /** The longest wait, whether or not it ended in a match. */
  longestMs = 0;
  /** Matches of people whose interests or country could give way, and those in which they did. */
  soft = 0;
  gaveWay = 0;
  /** Waits that ended in a match. */
  readonly waits = new LogHistogram();
}

/** One hour of the day. */
export class HourFigures {
  peakOnline = 0;
  readonly waits = new LogHistogram();
}

/** Counts what happens in a simulated day. Its size does not depend on the number of people. */
export class Figures {
  readonly classes = Object.fromEntries(CLASSES.map((kind) => [kind, new ClassFigures()])) as Record<
    PersonClass,
    ClassFigures
  >;
  readonly hours = Array.from({ length: HOURS }, () => new HourFigures());
  online = 0;
  peakOnline = 0;
  /** Sides of matches by their role; each match has one of both. */
  offerers = 0;
  answerers = 0;
  peakMatchesPerSecond = 0;
  /** Time that people spent online, and in chats, each added up. */
  onlineMs = 0;
  chatMs = 0;
  #second = -1;
  #matchesInSecond = 0;

  arrived(kind: PersonClass, nowMs: number): void {
    this.classes[kind].people++;
    this.online++;
    this.peakOnline = Math.max(this.peakOnline, this.online);
    const hour = this.#hourAt(nowMs);
    if (hour !== undefined) hour.peakOnline = Math.max(hour.peakOnline, this.online);
  }

  /** People who are online at its beginning count for an hour, too. */
  beginHour(nowMs: number): void {
    const hour = this.#hourAt(nowMs);
    if (hour !== undefined) hour.peakOnline = Math.max(hour.peakOnline, this.online);
  }

  departed(kind: PersonClass, hasMet: boolean, onlineMs: number): void {
    this.online--;
    this.onlineMs += onlineMs;
    if (hasMet) this.classes[kind].afterChats++;
    else this.classes[kind].unmatched++;
  }

  matched(kind: PersonClass, role: "offerer" | "answerer", waitedMs: number, nowMs: number): void {
    const figures = this.classes[kind];
    figures.waits.observe(waitedMs);
    figures.longestMs = Math.max(figures.longestMs, waitedMs);
    this.#hourAt(nowMs)?.waits.observe(waitedMs);
    if (role === "answerer") this.answerers++;
    else this.#countOfferer(nowMs);
  }

  /** Counts whether the interests and the country of a person gave way for its match. */
  widened({ kind, wanted, seeksCountry }: Person, sharesInterest: boolean, sharesCountry: boolean): void {
    const seeksInterest = wanted.preferences.interests.length > 0;
    if (!seeksInterest && !seeksCountry) return;
    const figures = this.classes[kind];
    figures.soft++;
    if ((seeksInterest && !sharesInterest) || (seeksCountry && !sharesCountry)) figures.gaveWay++;
  }

  gaveUp(kind: PersonClass, waitedMs: number): void {
    const figures = this.classes[kind];
    figures.givenUp++;
    figures.longestMs = Math.max(figures.longestMs, waitedMs);
  }

  /** The waits of all people that ended in a match. */
  allWaits(): LogHistogram {
    const all = new LogHistogram();
    for (const { waits } of Object.values(this.classes)) all.add(waits);
    return all;
  }

  /** Adds up a number of all classes. */
  total(key: "people" | "unmatched" | "afterChats" | "givenUp" | "soft" | "gaveWay"): number {
    return Object.values(this.classes).reduce((sum, figures) => sum + figures[key], 0);
  }

  #countOfferer(nowMs: number): void {
    this.offerers++;
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) [this.#second, this.#matchesInSecond] = [second, 0];
    this.#matchesInSecond++;
    this.peakMatchesPerSecond = Math.max(this.peakMatchesPerSecond, this.#matchesInSecond);
  }

  /** Undefined after midnight, when the last people leave. */
  #hourAt(nowMs: number): HourFigures | undefined {
    return this.hours[Math.floor(nowMs / HOUR_MS)];
  }
}
