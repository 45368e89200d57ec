import { type BanAppeal, AppealOutcome as Outcome } from "../../../gen/satoshigle/internal/v1/appeal_pb.js";
import type { BanRecord } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { bannedName, kindOf } from "../bans/describe.js";
import { Moment } from "../parts/moment.js";
import { legible, legibleLines, visible } from "../parts/visible.js";
import { hrefTo } from "../route.js";
import { type Decision, DECISIONS, titleOfOutcome } from "./describe.js";

interface Props {
  ban: BanRecord;
  appeal: BanAppeal;
  /** Undefined for those who may not. */
  onDecide: ((decision: Decision) => void) | undefined;
}

/** A ban with the appeal against it. */
export function AppealRow({ ban, appeal, onDecide }: Props) {
  const { addressKey, subject, automatic, createTime, expireTime } = ban;
  const name = bannedName(ban);
  const isReversed = appeal.outcome === Outcome.REVERSED;
  return (
    <tr data-appeal={appeal.banId}>
      <th scope="row">
        {subject !== "" && <bdi>{visible(subject)}</bdi>}
        <code>{addressKey}</code>
        <small>{kindOf(addressKey)}</small>
        <a class="soft" href={hrefTo("cases", { key: addressKey })} aria-label={`Cases about ${name}`}>
          Cases
        </a>
      </th>
      <td class="text appeal" data-label="Appeal">
        <blockquote dir="auto">{legibleLines(appeal.text)}</blockquote>
        <Moment at={appeal.createTime} />
        {appeal.outcome !== Outcome.UNSPECIFIED && <Decided appeal={appeal} />}
      </td>
      <td class="text" data-label="Reason">
        <Why ban={ban} />
      </td>
      <td data-label="In force">
        <p class="whole">
          <span class="soft">since</span> <Moment at={createTime} />
          <small>by {automatic ? "reports" : "an operator"}</small>
        </p>
        <p class="whole">
          <span class="soft">{isReversed ? "lifted" : "ends"}</span>{" "}
          <Moment at={isReversed ? appeal.decideTime : expireTime} />
        </p>
      </td>
      <td>
        {onDecide && appeal.outcome === Outcome.UNSPECIFIED && (
          <div class="buttons">
            {DECISIONS.map((decision) => (
              <button
                key={decision.verb}
                type="button"
                aria-label={`${decision.verb} the ban of ${name}`}
                onClick={() => onDecide(decision)}
              >
                {decision.verb}
              </button>
            ))}
          </div>
        )}
      </td>
    </tr>
  );
}

/** The reason of a ban, and the one that the banned are told. */
function Why({ ban: { reason, statement } }: { ban: BanRecord }) {
  return (
    <>
      {reason === "" ? "–" : <bdi>{legible(reason)}</bdi>}
      {statement !== "" && <small>“{legible(statement)}”</small>}
    </>
  );
}

function Decided({ appeal: { outcome, answer, moderator, decideTime } }: { appeal: BanAppeal }) {
  return (
    <div class="decided">
      <strong>{titleOfOutcome(outcome)}</strong> by <bdi>{legible(moderator)}</bdi>, <Moment at={decideTime} />
      {answer !== "" && <blockquote dir="auto">{legibleLines(answer)}</blockquote>}
    </div>
  );
}
