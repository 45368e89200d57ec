import { type BanAppeal, AppealOutcome as Outcome } from "../../../gen/satoshigle/internal/v1/appeal_pb.js";
import { hrefTo } from "../route.js";
import { titleOfOutcome } from "./describe.js";

/** What became of an appeal, which leads to it. */
export function AppealLink({ appeal: { banId, outcome }, name }: { appeal: BanAppeal; name: string }) {
  const title = titleOfOutcome(outcome);
  const state = outcome === Outcome.UNSPECIFIED ? "" : "decided";
  return (
    <a href={hrefTo("appeals", { state, ban: banId })} aria-label={`${title}: the appeal of ${name}`}>
      {title}
    </a>
  );
}
