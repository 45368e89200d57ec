import { create, toJson } from "@bufbuild/protobuf";
import { EventRecordSchema } from "../../../gen/satoshigle/internal/v1/event_log_pb.js";
import type { NumberedEvent } from "../../core/log-event.js";
import { webhookTypes } from "../../core/webhook.js";
import { renderEvent } from "./render-events.js";
import type { Subjects } from "./render-records.js";

/** The body of a webhook: type, timestamp and data, which is the message of the event in JSON. */
export function renderWebhook(event: NumberedEvent, subjects: Subjects): string {
  const record = create(EventRecordSchema, renderEvent(event, subjects));
  const json = toJson(EventRecordSchema, record) as Record<string, unknown>;
  const data = record.event.case === undefined ? {} : json[record.event.case];
  const timestamp = new Date(event.atMs).toISOString();
  return JSON.stringify({ type: webhookTypes[event.event.type], timestamp, data });
}
