import { Combobox } from "@base-ui/react/combobox";
import { Check, ChevronDown, ImageOff, Search } from "lucide-react";
import { useText } from "../i18n/use-text.ts";
import { useSession } from "../session/context.tsx";
import popup from "../ui/popup.module.css";
import search from "../ui/search-field.module.css";
import fields from "./field.module.css";
import styles from "./model-picker.module.css";

export interface ModelChoice {
  readonly value: string;
  readonly label: string;
  readonly help: string;
  /** Hash of a picture that shows what it does. */
  readonly preview: string | undefined;
}

const PREVIEW_PX = 128;

/** A model from a list that can be searched, with previews where there are any. */
export function ModelPicker({
  label,
  help,
  value,
  choices,
  invalid,
  describedBy,
  placeholder,
  hidesLabel = false,
  onOpen,
  onChange,
}: {
  label: string;
  help: string | undefined;
  value: string;
  choices: readonly ModelChoice[];
  invalid: boolean;
  describedBy: string | undefined;
  placeholder: string;
  /** Where there is no room for it; it is still the field's name. */
  hidesLabel?: boolean;
  onOpen: () => void;
  onChange: (value: string) => void;
}) {
  const text = useText();
  const { host } = useSession();
  const chosen = choices.find((choice) => choice.value === value);
  const shown = chosen?.label ?? (value || placeholder);
  const hasPreviews = choices.some(({ preview }) => preview !== undefined);
  return (
    <Combobox.Root<ModelChoice>
      items={choices}
      value={chosen ?? null}
      itemToStringLabel={(choice) => choice.label}
      isItemEqualToValue={(a, b) => a.value === b.value}
      filter={(choice, query) => matches(choice, query)}
      autoHighlight
      modal={false}
      onValueChange={(next) => next && onChange(next.value)}
      onOpenChange={(open) => open && onOpen()}
    >
      <Combobox.Trigger
        className={`${fields.field} ${fields.select} ${hidesLabel ? styles.bare : ""}`}
        data-invalid={invalid || undefined}
        aria-label={text.labelled(label, shown)}
        aria-describedby={describedBy}
        title={help}
      >
        {!hidesLabel && <span className={fields.label}>{label}</span>}
        <span className={chosen ? fields.value : `${fields.value} ${fields.placeholder}`}>{shown}</span>
        <ChevronDown size={14} className={fields.chevron} />
      </Combobox.Trigger>
      <Combobox.Portal>
        <Combobox.Positioner className={popup.positioner} sideOffset={4} align="end">
          <Combobox.Popup className={`${popup.popup} ${styles.popup}`} aria-label={label}>
            <span className={`${search.search} ${styles.search}`}>
              <Search size={14} className={search.icon} aria-hidden />
              <Combobox.Input
                className={search.input}
                placeholder={text("models.search")}
                aria-label={text("models.search")}
              />
            </span>
            <Combobox.Empty className={styles.empty}>
              {text(choices.length === 0 ? "models.none" : "models.noneFound")}
            </Combobox.Empty>
            <Combobox.List className={styles.list}>
              {(choice: ModelChoice) => (
                <Combobox.Item key={choice.value} value={choice} className={popup.item}>
                  {hasPreviews && (
                    <span className={styles.preview}>
                      {choice.preview === undefined ? (
                        <ImageOff size={14} />
                      ) : (
                        <img
                          src={host.imageUrl(choice.preview, { thumbnail: PREVIEW_PX })}
                          alt=""
                          loading="lazy"
                          draggable={false}
                        />
                      )}
                    </span>
                  )}
                  <span className={popup.option}>
                    <span className={styles.name}>{choice.label}</span>
                    <span className={popup.optionHelp}>{choice.help}</span>
                  </span>
                  <Combobox.ItemIndicator className={styles.mark}>
                    <Check size={14} />
                  </Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

/** Every word is somewhere in the label, the name or the description. */
export function matches({ label, value, help }: Omit<ModelChoice, "preview">, query: string): boolean {
  const all = `${label}\n${value}\n${help}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
