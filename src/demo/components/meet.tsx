import { type Choice, toggleLanguage } from "../preferences.js";
import { Icon } from "./icon.js";
import { InterestField } from "./interest-field.js";
import { LanguageField } from "./language-field.js";

interface Props {
  choice: Choice;
  onChoice: (choice: Choice) => void;
  inMatch: boolean;
}

/** The form for who to meet. */
export function Meet({ choice, onChoice, inMatch }: Props) {
  return (
    <div class="meet">
      <p class="meet-lead">
        {inMatch ? "Changes apply from your next match." : "All of this is optional. Leave it empty to meet anyone."}
      </p>
      <InterestField interests={choice.interests} onChange={(interests) => onChoice({ ...choice, interests })} />
      <LanguageField
        languages={choice.languages}
        onToggle={(code) => onChoice({ ...choice, languages: toggleLanguage(choice.languages, code) })}
      />
      <label class="switch-row">
        <span>
          <span class="label">Hide my IP address</span>
          <span class="help">Relays the call through the server's TURN service. Slightly slower.</span>
        </span>
        <input
          type="checkbox"
          role="switch"
          class="switch"
          data-testid="relay-only"
          checked={choice.relayOnly}
          onChange={(event) => onChoice({ ...choice, relayOnly: event.currentTarget.checked })}
        />
      </label>
      <ul class="facts">
        <li>
          <Icon name="people" /> Video, sound and chat are encrypted from browser to browser. We store none of it.
        </li>
        <li>
          <Icon name="flag" /> Something feels wrong? Reporting ends the call, and you will not meet that person again.
        </li>
      </ul>
    </div>
  );
}
