import { fromBinary, type UnknownField } from "@bufbuild/protobuf";
import { call, type Wire } from "../connection/api.js";
import { handlerError, toSatoshigleError } from "../connection/error-mapping.js";
import type { SessionLink } from "../connection/retry.js";
import { AnswerService } from "../gen/satoshigle/v1/answer_pb.js";
import type { StateStore } from "../state-store.js";
import type { Notices } from "../types.js";
import { ReportUpdatedSchema } from "./gen/satoshigle/v1/event_pb.js";
import type { Notice } from "./types.js";

/** How many are kept of those that were not seen, and of those that were. Later sessions bring older ones again. */
const MAX_KEPT = 500;
/** As many as a call may acknowledge. */
const MAX_PER_CALL = 100;
/** The bit of a byte by which the next one belongs to the same number. */
const CONTINUED = 0x80;

/** How to read the events that are notices, by the numbers of their fields in `SignalResponse`. */
export const READERS: ReadonlyMap<number, (bytes: Uint8Array) => Notice> = new Map([[13, readAnswer]]);

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
    const ids = notices.map(({ reportId }) => reportId);
    this.#seenIds = [...this.#seenIds, ...ids].slice(-MAX_KEPT);
    this.#set(this.#unseen.filter(({ reportId }) => !ids.includes(reportId)));
    try {
      for (let sent = 0; sent < ids.length; sent += MAX_PER_CALL) {
        const reportIds = ids.slice(sent, sent + MAX_PER_CALL);
        await this.#acknowledge(reportIds).catch(() => this.#acknowledge(reportIds)); // repeated, it has no further effect
      }
    } catch (error) {
      this.#seenIds = this.#seenIds.filter((id) => !ids.includes(id));
      throw toSatoshigleError(error);
    }
  }

  async #acknowledge(reportIds: string[]): Promise<void> {
    await this.link.online();
    await call(this.wire, AnswerService.method.acknowledgeReports, { reportIds });
  }

  #read(fields: readonly UnknownField[]): void {
    const known = new Set([...this.#seenIds, ...this.#unseen.map(({ reportId }) => reportId)]);
    const unseen = [...this.#unseen];
    for (const field of fields) {
      const notice = this.#parse(field);
      if (!notice || known.has(notice.reportId)) continue;
      known.add(notice.reportId);
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
