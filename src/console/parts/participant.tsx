import type { EventParticipant } from "../../../gen/satoshigle/internal/v1/event_log_pb.js";
import { hrefTo } from "../route.js";
import { visible } from "./visible.js";

/** A session and its person. People lead to all their sessions. */
export function Participant({ session }: { session: EventParticipant | undefined }) {
  if (!session) return <>–</>;
  const { sessionId, personKey, subject } = session;
  return (
    <>
      {personKey === "" ? (
        <span class="soft">anonymous</span>
      ) : (
        <a href={hrefTo("sessions", subject === "" ? { key: personKey } : { subject })}>
          <bdi>{nameOf(session)}</bdi>
        </a>
      )}
      <code>{sessionId}</code>
    </>
  );
}

/** How a session is called in sentences: by its person, if it has one. */
export function nameOf({ sessionId, personKey, subject }: EventParticipant): string {
  return visible(subject) || personKey || sessionId;
}
