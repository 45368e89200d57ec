import { EventService } from "../../../gen/satoshigle/internal/v1/event_log_pb.js";
import type { Events } from "../../app/events.js";
import { toToken } from "../codec/page-token.js";
import { parseEventTypes, parsePage, parsePosition } from "../codec/parse-internal.js";
import { renderEvent } from "../codec/render-events.js";
import type { InternalService } from "../service.js";

/** `EventService`, for the app's backend. */
export function eventService(events: Events): InternalService {
  return {
    desc: EventService,
    addTo: (router) =>
      router.service(EventService, {
        async listEvents(request) {
          const { size, before } = parsePage("events", request);
          const page = await events.list(size, before, parseEventTypes(request.types));
          const subjects = await events.subjectsOf(...page.items);
          return {
            events: page.items.map((event) => renderEvent(event, subjects)),
            nextPageToken: toToken("events", page.before),
            nextCursor: toToken("happenings", page.newest === 0 ? undefined : page.newest),
          };
        },

        async *watchEvents(request, { signal }) {
          const after = parsePosition("happenings", request);
          for await (const { number, event } of events.watch(after, parseEventTypes(request.types), signal)) {
            const rendered = event && { event: renderEvent(event, await events.subjectsOf(event)) };
            yield { cursor: toToken("happenings", number), ...rendered };
          }
        },
      }),
  };
}
