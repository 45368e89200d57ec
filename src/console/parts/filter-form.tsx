import type { ComponentChildren } from "preact";
import { goTo, hrefTo, type View } from "../route.js";

interface Props {
  view: View;
  query: URLSearchParams;
  /** The words of the link to the list without a filter. */
  all: string;
  /** The parameters of the address that the entries stand for. */
  read: (data: FormData) => Record<string, string>;
  reload: () => void;
  children: ComponentChildren;
}

/** Limits a list. The filter is in the address of the page, so that it can be kept and passed on. */
export function FilterForm({ view, query, all, read, reload, children }: Props) {
  return (
    <form
      class="panel fields"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        goTo(hrefTo(view, read(new FormData(event.currentTarget))), reload);
      }}
    >
      {children}
      <div class="buttons">
        <button type="submit" class="main">
          Show
        </button>
        {query.size > 0 && <a href={hrefTo(view)}>{all}</a>}
      </div>
    </form>
  );
}

interface ChoiceProps {
  label: string;
  /** The name of the field, and of the parameter in the address. */
  name: string;
  /** The words for no choice. */
  none: string;
  query: URLSearchParams;
  options: readonly { name: string; title: string }[];
}

/** A choice by which a list is limited. */
export function FilterChoice({ label, name, none, query, options }: ChoiceProps) {
  return (
    <label>
      {label}
      <select name={name}>
        <option value="">{none}</option>
        {options.map((option) => (
          <option key={option.name} value={option.name} selected={option.name === query.get(name)}>
            {option.title}
          </option>
        ))}
      </select>
    </label>
  );
}
