import type { Attribute, AttributeValues } from "@satoshigle/client";
import { nameOfAttribute, nameOfValue, toggleValue, valuesOf } from "../attributes.js";
import type { Choice } from "../preferences.js";
import { say, spokenLocale } from "../say.js";

/** More values than these are chosen from a list. */
const MAX_CHIPS = 8;

interface Props {
  attributes: readonly Attribute[];
  choice: Choice;
  onChoice: (choice: Choice) => void;
}

/** The controls for what the server matches by, made from its schema. The camera and the microphone say the mode. */
export function AttributeFields({ attributes, choice, onChoice }: Props) {
  const shown = attributes.filter((attribute) => valuesOf(attribute).length > 0);
  const own = shown.filter(({ name, saidByClient }) => saidByClient && name !== "mode");
  const sought = shown.filter(({ filterable }) => filterable);
  return (
    <>
      {own.map((attribute) => (
        <ValueField
          key={attribute.name}
          id={`is-${attribute.name}`}
          label={say("attributes.mine", { attribute: nameOfAttribute(attribute.name) })}
          attribute={attribute}
          chosen={choice.attributes}
          max={attribute.maxValues}
          onChange={(values) => onChoice({ ...choice, attributes: values })}
        />
      ))}
      {sought.map((attribute) => (
        <ValueField
          key={attribute.name}
          id={`seeks-${attribute.name}`}
          label={say("attributes.theirs", { attribute: nameOfAttribute(attribute.name) })}
          attribute={attribute}
          chosen={choice.filters}
          onChange={(values) => onChoice({ ...choice, filters: values })}
        />
      ))}
    </>
  );
}

interface FieldProps {
  id: string;
  label: string;
  attribute: Attribute;
  chosen: AttributeValues;
  max?: number;
  onChange: (values: AttributeValues) => void;
}

function ValueField({ id, label, attribute, chosen, max, onChange }: FieldProps) {
  const { name } = attribute;
  const all = valuesOf(attribute);
  const values = chosen[name] ?? [];
  const chips = all.length > MAX_CHIPS ? values : all;
  const toggle = (value: string) => onChange(toggleValue(chosen, name, value, max));
  return (
    <fieldset class="group" data-testid={id}>
      <legend class="label">{label}</legend>
      <div class="chips">
        {chips.map((value) => (
          <button
            key={value}
            type="button"
            class="chip"
            data-testid={`${id}-${value}`}
            aria-pressed={values.includes(value)}
            onClick={() => toggle(value)}
          >
            {nameOfValue(name, value)}
          </button>
        ))}
        {chips !== all && <MoreValues id={id} label={label} name={name} values={all} onChoose={toggle} />}
      </div>
    </fieldset>
  );
}

interface MoreProps {
  id: string;
  label: string;
  name: string;
  values: readonly string[];
  onChoose: (value: string) => void;
}

function MoreValues({ id, label, name, values, onChoose }: MoreProps) {
  const named = values.map((value) => ({ value, text: nameOfValue(name, value) }));
  named.sort((a, b) => a.text.localeCompare(b.text, spokenLocale()));
  return (
    <select
      class="chip chip-more"
      data-testid={`${id}-more`}
      aria-label={label}
      value=""
      onChange={(event) => {
        const { value } = event.currentTarget;
        event.currentTarget.value = "";
        if (value) onChoose(value);
      }}
    >
      <option value="">{say("attributes.more")}</option>
      {named.map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}
