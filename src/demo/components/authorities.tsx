import { sayAround } from "../say.js";

/** An association of hotlines in many countries, which lists them. */
const HOTLINES = "inhope.org";

/** Whom to tell, besides the moderators, if a child is in danger. */
export function Authorities() {
  const [before, after] = sayAround("report.authorities", "site");
  return (
    <p class="authorities" role="status" data-testid="authorities">
      {before}
      <a href={`https://${HOTLINES}`} target="_blank" rel="noreferrer" dir="ltr">
        {HOTLINES}
      </a>
      {after}
    </p>
  );
}
