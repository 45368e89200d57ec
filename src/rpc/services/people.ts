import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { PeopleService, type PersonRecordSchema } from "../../../gen/satoshigle/internal/v1/people_pb.js";
import type { People } from "../../app/people.js";
import type { Operators } from "../../ports/operators.js";
import type { StoredPerson } from "../../ports/people-store.js";
import { toToken } from "../codec/page-token.js";
import { parsePage, parseTime } from "../codec/parse-internal.js";
import type { InternalService } from "../service.js";
import { actorOf } from "./actor.js";

/** `PeopleService`, for the app's backend. */
export function peopleService(people: People, operators: Operators): InternalService {
  return {
    desc: PeopleService,
    addTo: (router) =>
      router.service(PeopleService, {
        async getPerson({ subject }) {
          const { person, blocked, revokedBeforeMs, ban } = await people.get(subject);
          return {
            person: renderPerson(person),
            blocked: blocked.map((other) => ({ personKey: other.key, subject: other.subject ?? "" })),
            ...(revokedBeforeMs !== undefined && { revokedBeforeTime: timestampFromMs(revokedBeforeMs) }),
            ...(ban && { banExpireTime: timestampFromMs(ban.expiresMs) }),
          };
        },

        async listPeople(request) {
          const { size, before } = parsePage("people", request);
          const page = await people.list(size, before);
          return { people: page.items.map(renderPerson), nextPageToken: toToken("people", page.before) };
        },

        async closeSessions({ subject }, context) {
          return { closedCount: await people.closeSessions(subject, actorOf(operators, context)) };
        },

        async revokeTokens({ subject, issuedBeforeTime }, context) {
          const by = actorOf(operators, context);
          return { closedCount: await people.revoke(subject, parseTime(issuedBeforeTime), by) };
        },

        async block({ subject, otherSubject }, context) {
          await people.block(subject, otherSubject, actorOf(operators, context));
          return {};
        },

        async unblock({ subject, otherSubject }, context) {
          return { wasBlocked: await people.unblock(subject, otherSubject, actorOf(operators, context)) };
        },

        async forget({ subject }, context) {
          return { wasStored: await people.forget(subject, actorOf(operators, context)) };
        },
      }),
  };
}

function renderPerson(person: StoredPerson): MessageInitShape<typeof PersonRecordSchema> {
  const { key: personKey, subject, firstSeenMs, lastSeenMs } = person;
  return {
    subject,
    personKey,
    firstSeenTime: timestampFromMs(firstSeenMs),
    lastSeenTime: timestampFromMs(lastSeenMs),
  };
}
