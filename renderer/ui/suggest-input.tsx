import { Autocomplete } from "@base-ui/react/autocomplete";
import { type InputHTMLAttributes, useState } from "react";
import popup from "./popup.module.css";

/** A line of text, with what may be meant listed below it while one types. Anything else may be typed as well. */
export function SuggestInput({
  value,
  suggestions,
  onValueChange,
  ...props
}: Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "list"> & {
  value: string;
  suggestions: readonly string[];
  onValueChange: (value: string) => void;
}) {
  const [isWanted, setWanted] = useState(false);
  const items = suggestionsFor(value, suggestions);
  return (
    <Autocomplete.Root
      items={items}
      // They are filtered already.
      mode="none"
      value={value}
      onValueChange={onValueChange}
      openOnInputClick
      // An open list hides what is around it from screen readers: one without anything in it must not.
      open={isWanted && items.length > 0}
      onOpenChange={setWanted}
    >
      <Autocomplete.Input {...props} />
      <Autocomplete.Portal>
        <Autocomplete.Positioner className={popup.positioner} sideOffset={4} align="start">
          <Autocomplete.Popup className={popup.suggestions}>
            <Autocomplete.List>
              {(item: string) => (
                <Autocomplete.Item key={item} value={item} className={popup.item}>
                  {item}
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Popup>
        </Autocomplete.Positioner>
      </Autocomplete.Portal>
    </Autocomplete.Root>
  );
}

/** Those that have what was typed in them; all others where it is one of them already. */
function suggestionsFor(value: string, suggestions: readonly string[]): string[] {
  const others = suggestions.filter((one) => one !== value);
  if (suggestions.includes(value)) return others;
  return others.filter((one) => one.toLowerCase().includes(value.trim().toLowerCase()));
}
