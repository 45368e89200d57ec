import { useMemo } from "preact/hooks";
import { listLanguages, nameOf, suggestLanguages } from "../languages.js";
import { limits } from "../preferences.js";
import { say, spokenLocale } from "../say.js";

interface Props {
  languages: string[];
  onToggle: (code: string) => void;
}

/** Selects languages. Suggests those of the browser but does not preselect them. */
export function LanguageField({ languages, onToggle }: Props) {
  const suggested = useMemo(() => suggestLanguages(navigator.languages), []);
  const all = useMemo(() => listLanguages(suggested), [spokenLocale()]);
  const chips = [...new Set([...suggested.slice(0, 4), ...languages])];
  const full = languages.length >= limits.languages;
  return (
    <fieldset class="group">
      <legend class="label">{say("languages.label")}</legend>
      <p class="help">{say("languages.help")}</p>
      <div class="chips">
        {chips.map((code) => (
          <button
            key={code}
            type="button"
            class="chip"
            data-testid={`language-${code}`}
            aria-pressed={languages.includes(code)}
            disabled={full && !languages.includes(code)}
            onClick={() => onToggle(code)}
          >
            {nameOf(code)}
          </button>
        ))}
        <select
          class="chip chip-more"
          data-testid="language-more"
          aria-label={say("languages.add")}
          disabled={full}
          value=""
          onChange={(event) => {
            const code = event.currentTarget.value;
            event.currentTarget.value = "";
            if (code && !languages.includes(code)) onToggle(code);
          }}
        >
          <option value="">{full ? say("languages.full") : say("languages.more")}</option>
          {all
            .filter(({ code }) => !chips.includes(code))
            .map(({ code, name, ownName }) => (
              <option key={code} value={code}>
                {name === ownName ? name : `${name} · ${ownName}`}
              </option>
            ))}
        </select>
      </div>
    </fieldset>
  );
}
