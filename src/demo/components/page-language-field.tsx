import { nameOf } from "../languages.js";
import { isPageLanguage, pageLanguages, preferredLanguage } from "../page-language.js";
import { say } from "../say.js";
import type { LanguageView } from "../use-page-language.js";
import { Icon } from "./icon.js";

/** Selects the language of the page. Each language is named in itself, for people who cannot read the current one. */
export function PageLanguageField({ language }: { language: LanguageView }) {
  const preferred = preferredLanguage(navigator.languages);
  return (
    <label class="group">
      <span class="label label-icon">
        <Icon name="globe" /> {say("settings.language")}
      </span>
      <select
        class="field"
        data-testid="page-language"
        value={language.spoken}
        onChange={({ currentTarget: { value } }) => {
          if (isPageLanguage(value)) void language.choose(value === preferred ? null : value);
        }}
      >
        {pageLanguages.map((code) => (
          <option key={code} value={code} lang={code}>
            {nameOf(code, code)}
          </option>
        ))}
      </select>
      {language.failed && (
        <span class="help" role="alert">
          {say("settings.language.failed")}
        </span>
      )}
    </label>
  );
}
