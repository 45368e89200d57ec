import { useState } from "preact/hooks";
import { lastingStorage } from "./kept-session.js";
import {
  directionOf,
  type PageLanguage,
  preferredLanguage,
  recallLanguage,
  rememberLanguage,
  speakLanguage,
} from "./page-language.js";

/** The language of the page, and the choice of the person. */
export interface LanguageView {
  spoken: PageLanguage;
  /** Null if the browser's languages decide. */
  chosen: PageLanguage | null;
  /** The words of the last choice could not be loaded. */
  failed: boolean;
  choose: (language: PageLanguage | null) => Promise<void>;
}

/** Speaks the language that the person chose before, or that of the browser. Speaks English if its words do not load. */
export async function speakFirst(): Promise<PageLanguage> {
  const language = recallLanguage(lastingStorage()) ?? preferredLanguage(navigator.languages);
  try {
    await speakLanguage(language, navigator.languages);
    announce(language);
    return language;
  } catch {
    return "en";
  }
}

export function usePageLanguage(first: PageLanguage): LanguageView {
  const [spoken, setSpoken] = useState(first);
  const [chosen, setChosen] = useState(() => recallLanguage(lastingStorage()));
  const [failed, setFailed] = useState(false);

  async function choose(language: PageLanguage | null): Promise<void> {
    const wanted = language ?? preferredLanguage(navigator.languages);
    try {
      if (!(await speakLanguage(wanted, navigator.languages))) return;
      announce(wanted);
      rememberLanguage(lastingStorage(), language);
      setChosen(language);
      setSpoken(wanted);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }

  return { spoken, chosen, failed, choose };
}

/** For screen readers, hyphenation, fonts, and the side on which lines begin. */
function announce(language: PageLanguage): void {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}
