import { Autocomplete } from "@base-ui/react/autocomplete";
import type { InputHTMLAttributes } from "react";
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
  return (
    <Autocomplete.Root items={suggestions} value={value} onValueChange={onValueChange} openOnInputClick>
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
