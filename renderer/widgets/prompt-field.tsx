import {
  type CSSProperties,
  type KeyboardEvent,
  useDeferredValue,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import type { TextParam } from "../../graph/definition.ts";
import { useText } from "../i18n/use-text.ts";
import { useDocument } from "../session/context.tsx";
import fields from "./field.module.css";
import styles from "./prompt-field.module.css";
import { type Suggestion, usePromptSuggestions, useWildcardNames } from "./prompt-suggestions.ts";
import { completingAt, findMarks, type PromptMark, splitByMarks } from "./prompt-syntax.ts";
import { TokenCount } from "./token-count.tsx";
import { useTypingBurst } from "./typing-burst.ts";
import type { WidgetProps } from "./widget.ts";

/** The one node that chooses from wildcards; everywhere else they are plain words. */
const EXPANDS = "wildcards";
const MOST_WARNINGS = 3;
const LIST_HEIGHT_PX = 228;

/**
 * The words of a picture: counted against what the model reads, with wildcards marked, with completion, and with a warning
 * for what other programs understand and this model does not. A burst of typing is one step of undo.
 */
export function PromptField(props: WidgetProps<TextParam>) {
  const { param, nodeId, label, help, value, invalid, describedBy, onChange } = props;
  const text = useText();
  const id = useId();
  const burst = useTypingBurst();
  const area = useRef<HTMLTextAreaElement>(null);
  const [caret, setCaret] = useState<number>();
  const words = String(value ?? "");
  // Marks follow a moment later: typing never waits for them.
  const settled = useDeferredValue(words);
  const marks = useMemo(() => findMarks(settled), [settled]);
  const expands = useDocument((state) => state.nodesById.get(nodeId)?.type === EXPANDS);
  const [isWrittenIn, setWrittenIn] = useState(false);
  const wildcards = useWildcardNames(isWrittenIn || marks.some(({ kind }) => kind === "wildcard"));
  const warnings = warningsOf(marks, settled, { expands, wildcards });
  const completion = usePromptSuggestions({ nodeId, param: param.name, text: words, caret, wildcards });
  const listId = `${id}-list`;
  const isOpen = completion.suggestions.length > 0;

  const accept = (suggestion: Suggestion) => {
    const at = completion.accept(suggestion, burst());
    requestAnimationFrame(() => area.current?.setSelectionRange(at, at));
    setCaret(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen || event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      completion.move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Tab" && !event.shiftKey) accept(completion.current!);
    else if (event.key === "Enter" && completion.isChosen) accept(completion.current!);
    else if (event.key === "Escape") setCaret(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={fields.text}>
      <div className={fields.textHead}>
        <label htmlFor={id} title={help}>
          {label}
        </label>
        <TokenCount nodeId={nodeId} text={words} />
      </div>
      <div className={styles.editor}>
        <div className={`${fields.area} ${styles.marks}`} aria-hidden>
          {splitByMarks(settled, marks).map(({ text: piece, mark }, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no other identity
              key={index}
              className={mark && styles[toneOf(mark, { expands, wildcards })]}
            >
              {piece}
            </span>
          ))}
          {/* A line break at the end has a line of its own in the text area. */}
          {"\u200b"}
        </div>
        <textarea
          ref={area}
          id={id}
          className={`${fields.area} ${styles.area} nowheel`}
          rows={4}
          value={words}
          placeholder={param.placeholder}
          maxLength={param.maxLength}
          spellCheck
          aria-invalid={invalid || undefined}
          aria-describedby={describedBy}
          aria-autocomplete="list"
          aria-controls={isOpen ? listId : undefined}
          aria-activedescendant={isOpen ? `${listId}-${completion.index}` : undefined}
          data-invalid={invalid || undefined}
          onChange={(event) => {
            onChange(event.target.value, burst());
            setCaret(event.target.selectionStart);
          }}
          onKeyDown={onKeyDown}
          onFocus={() => {
            // What the first key will need is made ready before it.
            setWrittenIn(true);
            completingAt(words, words.length);
          }}
          onBlur={() => setCaret(undefined)}
          onPointerDown={() => setCaret(undefined)}
          onScroll={(event) => {
            const shadow = event.currentTarget.previousElementSibling;
            if (shadow) shadow.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {warnings.slice(0, MOST_WARNINGS).map(({ key, at }) => (
        <p key={key + at} className={styles.warning}>
          {text(key, { text: at })}
        </p>
      ))}
      {isOpen && area.current && (
        <Suggestions
          id={listId}
          anchor={area.current}
          suggestions={completion.suggestions}
          index={completion.index}
          onAccept={accept}
        />
      )}
    </div>
  );
}

function Suggestions({
  id,
  anchor,
  suggestions,
  index,
  onAccept,
}: {
  id: string;
  anchor: HTMLElement;
  suggestions: readonly Suggestion[];
  index: number;
  onAccept: (suggestion: Suggestion) => void;
}) {
  const text = useText();
  const [place, setPlace] = useState<CSSProperties>();
  useLayoutEffect(() => {
    const { left, top, bottom, width } = anchor.getBoundingClientRect();
    const isBelow = bottom + LIST_HEIGHT_PX < window.innerHeight || top < LIST_HEIGHT_PX;
    setPlace({
      left,
      width: Math.max(240, width),
      ...(isBelow ? { top: bottom + 4 } : { bottom: window.innerHeight - top + 4 }),
    });
  }, [anchor]);
  return createPortal(
    <div id={id} className={styles.list} role="listbox" aria-label={text("prompt.suggestions")} style={place}>
      {suggestions.map((suggestion, at) => (
        <div
          key={suggestion.kind + suggestion.label}
          id={`${id}-${at}`}
          className={styles.suggestion}
          role="option"
          aria-selected={at === index}
          tabIndex={-1}
          // The text area keeps the focus.
          onPointerDown={(event) => {
            event.preventDefault();
            onAccept(suggestion);
          }}
        >
          <span>{suggestion.label}</span>
          <small>{suggestion.note}</small>
        </div>
      ))}
    </div>,
    document.body,
  );
}

interface Known {
  readonly expands: boolean;
  readonly wildcards: readonly string[] | undefined;
}

function isUnknown(mark: PromptMark, { wildcards }: Known): boolean {
  return mark.kind === "wildcard" && wildcards !== undefined && !wildcards.includes(mark.name);
}

function toneOf(mark: PromptMark, known: Known): "good" | "doubtful" {
  const isChoice = mark.kind === "choice" || mark.kind === "wildcard";
  return isChoice && known.expands && !isUnknown(mark, known) ? "good" : "doubtful";
}

interface Warning {
  readonly key: "prompt.weights" | "prompt.loraTag" | "prompt.notExpanded" | "prompt.unknownWildcard";
  /** The words it is about. */
  readonly at: string;
}

function warningsOf(marks: readonly PromptMark[], text: string, known: Known): Warning[] {
  const seen = new Set<string>();
  return marks.flatMap((mark): Warning[] => {
    const at = text.slice(mark.from, mark.to);
    if (seen.has(at)) return [];
    seen.add(at);
    if (mark.kind === "weight") return [{ key: "prompt.weights", at }];
    if (mark.kind === "lora") return [{ key: "prompt.loraTag", at }];
    if (!known.expands) return [{ key: "prompt.notExpanded", at }];
    return mark.kind === "wildcard" && isUnknown(mark, known) ? [{ key: "prompt.unknownWildcard", at: mark.name }] : [];
  });
}
