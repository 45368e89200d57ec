import { useMemo } from "preact/hooks";
import { listLanguages, nameOf, suggestLanguages } from "../languages.js";
import { limits } from "../preferences.js";

interface Props {
  languages: string[];
  onToggle: (code: string) => void;
}

/** Selects languages. Suggests those of the browser but does not preselect them. */
export function LanguageField({ languages, onToggle }: Props) {
  const suggested = useMemo(() => suggestLanguages(navigator.languages), []);
  const all = useMemo(() => listLanguages(suggested), []);
  const chips = [...new Set([...suggested.slice(0, 4), ...languages])];
  const full = languages.length >= limits.languages;
  return (
    <fieldset class="group">
      <legend class="label">Languages</legend>
      <p class="help">You only meet people who share one of these or chose none.</p>
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
          aria-label="Add a language"
          disabled={full}
          value=""
          onChange={(event) => {
            const code = event.currentTarget.value;
            event.currentTarget.value = "";
            if (code && !languages.includes(code)) onToggle(code);
          }}
        >
          <option value="">{full ? "Five is the maximum" : "More…"}</option>
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
