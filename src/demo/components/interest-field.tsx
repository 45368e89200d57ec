import { useState } from "preact/hooks";
import { isBlank } from "@satoshigle/client";
import { isolate } from "../bidi.js";
import { addInterests, limits } from "../preferences.js";
import { say, sentences } from "../say.js";
import { Icon } from "./icon.js";

interface Props {
  interests: string[];
  onChange: (interests: string[]) => void;
}

/** A tag input: Enter or a comma adds a tag, Backspace in the empty field removes the last one. */
export function InterestField({ interests, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const full = interests.length >= limits.interests;

  function add(text: string): void {
    onChange(addInterests(interests, text));
    setTyped("");
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter" && !isBlank(typed)) {
      event.preventDefault();
      add(typed);
    } else if (event.key === "Backspace" && typed === "" && interests.length > 0) {
      onChange(interests.slice(0, -1));
    }
  }

  return (
    <div class="group">
      <label class="label" for="interests">
        {say("interests.label")}
      </label>
      <p class="help" id="interests-help">
        {sentences(say("interests.help"), full ? say("interests.full") : say("interests.enter"))}
      </p>
      <div class="tags">
        {interests.map((interest) => (
          <button
            key={interest}
            type="button"
            class="tag"
            data-testid="interest"
            aria-label={say("interests.remove", { interest: isolate(interest) })}
            onClick={() => onChange(interests.filter((other) => other !== interest))}
          >
            <span dir="auto">{interest}</span> <Icon name="close" />
          </button>
        ))}
        <input
          id="interests"
          class="tags-input"
          dir="auto"
          data-testid="interests-input"
          aria-describedby="interests-help"
          placeholder={interests.length === 0 ? say("interests.examples") : full ? "" : say("interests.another")}
          autocomplete="off"
          autocapitalize="none"
          enterkeyhint="done"
          maxLength={limits.interestCharacters * 4}
          disabled={full}
          value={typed}
          onInput={(event) => {
            const { value } = event.currentTarget;
            if (/[,\n]/.test(value)) add(value);
            else setTyped(value);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => !isBlank(typed) && add(typed)}
        />
      </div>
    </div>
  );
}
