import type { Attribute, EvidencePolicy, TipTerms } from "@satoshigle/client";
import { type Choice, toggleLanguage } from "../preferences.js";
import { say } from "../say.js";
import { AttributeFields } from "./attribute-fields.js";
import { Icon } from "./icon.js";
import { InterestField } from "./interest-field.js";
import { LanguageField } from "./language-field.js";
import { PriceField } from "./price-field.js";

interface Props {
  choice: Choice;
  onChoice: (choice: Choice) => void;
  inMatch: boolean;
  attributes: readonly Attribute[];
  evidence: EvidencePolicy;
  /** Null if the server does not support tips. */
  terms: TipTerms | null;
}

/** The form for who to meet. */
export function Meet({ choice, onChoice, inMatch, attributes, evidence, terms }: Props) {
  return (
    <div class="meet">
      <p class="meet-lead">{inMatch ? say("meet.inMatch") : say("meet.optional")}</p>
      <InterestField interests={choice.interests} onChange={(interests) => onChoice({ ...choice, interests })} />
      <LanguageField
        languages={choice.languages}
        onToggle={(code) => onChoice({ ...choice, languages: toggleLanguage(choice.languages, code) })}
      />
      <AttributeFields attributes={attributes} choice={choice} onChoice={onChoice} />
      <label class="switch-row">
        <span>
          <span class="label">{say("meet.hide")}</span>
          <span class="help">{say("meet.hide.help")}</span>
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
      {terms && (
        <PriceField
          priceMsat={choice.priceMsat ?? 0}
          terms={terms}
          onChange={(priceMsat) => onChoice({ ...choice, priceMsat })}
        />
      )}
      <ul class="facts">
        <li>
          <Icon name="people" /> {say(evidence === "off" ? "meet.encrypted" : "evidence.encrypted")}
        </li>
        {evidence !== "off" && (
          <li>
            <Icon name="alert" /> {say(`evidence.note.${evidence}`)}
          </li>
        )}
        <li>
          <Icon name="flag" /> {say("meet.report")}
        </li>
      </ul>
    </div>
  );
}
