import { fromBinary, type UnknownField } from "@bufbuild/protobuf";
import { call, type Wire } from "../connection/api.js";
import { handlerError, toSatoshigleError } from "../connection/error-mapping.js";
import type { SessionLink } from "../connection/retry.js";
import { AnswerService } from "../gen/satoshigle/v1/answer_pb.js";
import { WarningService } from "../gen/satoshigle/v1/warning_pb.js";
import type { StateStore } from "../state-store.js";
import type { Notices } from "../types.js";
import { ReportUpdatedSchema, WarnedSchema } from "./gen/satoshigle/v1/event_pb.js";
import type { Notice } from "./types.js";

/** How many are kept of those that were not seen, and of those that were. Later sessions bring older ones again. */
const MAX_KEPT = 500;
/** As many as a call may acknowledge. */
const MAX_PER_CALL = 100;
/** The bit of a byte by which the next one belongs to the same number. */
const CONTINUED = 0x80;

/** How to read the events that are notices, by the numbers of their fields in `SignalResponse`. */
export const READERS: ReadonlyMap<number, (bytes: Uint8Array) => Notice> = new Map<
  number,
  (bytes: Uint8Array) => Notice
>([
  [13, readAnswer],
  [16, readWarning],
]);

const boards = new WeakMap<StateStore, NoticeBoard>();

/** Returns the notices of a client, of which there is one board. */
export function openNotices(store: StateStore, link: SessionLink, wire: Wire): Notices {
  const board = boards.get(store) ?? new NoticeBoard(store, link, wire);
  boards.set(store, board);
  return board;
}

/** What moderators said in events that the code at the start of a page does not know. */
class NoticeBoard implements Notices {
  #unseen: readonly Notice[] = [];
  /** The IDs of what was seen. It may arrive once more, from before the server knew. */
  #seenIds: readonly string[] = [];

  constructor(
    private readonly store: StateStore,
    private readonly link: SessionLink,
    private readonly wire: Wire,
  ) {
    store.keepUnknown = (fields) => this.#read(fields);
    this.#read(store.unknown);
  }

  get unseen(): readonly Notice[] {
    return this.#unseen;
  }

  async seen(notices: readonly Notice[]): Promise<void> {
    const ids = notices.map(idOf);
    this.#seenIds = [...this.#seenIds, ...ids].slice(-MAX_KEPT);
    this.#set(this.#unseen.filter((notice) => !ids.includes(idOf(notice))));
    try {
      for (const acknowledge of this.#callsFor(notices)) {
        await this.#online(acknowledge).catch(() => this.#online(acknowledge)); // repeated, it has no further effect
      }
    } catch (error) {
      this.#seenIds = this.#seenIds.filter((id) => !ids.includes(id));
      throw toSatoshigleError(error);
    }
  }

  /** The calls that tell the server what was seen. */
  #callsFor(notices: readonly Notice[]): (() => Promise<unknown>)[] {
    const reportIds = notices.flatMap((notice) => (notice.kind === "report" ? notice.reportId : []));
    const actionIds = notices.flatMap((notice) => (notice.kind === "warning" ? notice.actionId : []));
    const { acknowledgeReports } = AnswerService.method;
    const { acknowledgeWarning } = WarningService.method;
    return [
      ...chunks(reportIds, MAX_PER_CALL).map((some) => () => call(this.wire, acknowledgeReports, { reportIds: some })),
      ...actionIds.map((actionId) => () => call(this.wire, acknowledgeWarning, { actionId })),
    ];
  }

  async #online(acknowledge: () => Promise<unknown>): Promise<void> {
    await this.link.online();
    await acknowledge();
  }

  #read(fields: readonly UnknownField[]): void {
    const known = new Set([...this.#seenIds, ...this.#unseen.map(idOf)]);
    const unseen = [...this.#unseen];
    for (const field of fields) {
      const notice = this.#parse(field);
      if (!notice || known.has(idOf(notice))) continue;
      known.add(idOf(notice));
      unseen.push(notice);
    }
    if (unseen.length > this.#unseen.length) this.#set(unseen.slice(-MAX_KEPT));
  }

  #parse({ no, data }: UnknownField): Notice | undefined {
    try {
      return READERS.get(no)?.(withoutLength(data));
    } catch (error) {
      this.store.events.emit("error", handlerError(error));
      return undefined;
    }
  }

  #set(unseen: readonly Notice[]): void {
    this.#unseen = unseen;
    this.store.events.emit("notices", unseen);
  }
}

/** The content of a field, whose length comes first. */
function withoutLength(data: Uint8Array): Uint8Array {
  return data.subarray(data.findIndex((byte) => byte < CONTINUED) + 1);
}

function readAnswer(bytes: Uint8Array): Notice {
  const { reportId, actedOn, createTime } = fromBinary(ReportUpdatedSchema, bytes);
  return { kind: "report", reportId, actedOn, reportedAtMs: Number(createTime?.seconds) * 1_000 };
}

function readWarning(bytes: Uint8Array): Notice {
  const { actionId, statement, createTime } = fromBinary(WarnedSchema, bytes);
  return { kind: "warning", actionId, statement, warnedAtMs: Number(createTime?.seconds) * 1_000 };
}

/** Reports have numbers, and actions have longer IDs, so that they cannot be the same. */
function idOf(notice: Notice): string {
  return notice.kind === "report" ? notice.reportId : notice.actionId;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => {
    return items.slice(index * size, (index + 1) * size);
  });
}
