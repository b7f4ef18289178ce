import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useText } from "../i18n/use-text.ts";
import { IconButton } from "./button.tsx";
import styles from "./dialog.module.css";

/** A modal dialog with a title. */
export function Dialog({
  title,
  description,
  wide = false,
  onClose,
  children,
}: {
  title: string;
  description?: string;
  wide?: boolean | "medium" | "most" | "full";
  onClose: () => void;
  children: ReactNode;
}) {
  const text = useText();
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        {/* Also over the dialog that this one was opened from. */}
        <Base.Backdrop className={styles.backdrop} forceRender />
        <Base.Popup
          ref={popup}
          className={wide ? `${styles.dialog} ${styles[wide === true ? "wide" : wide]}` : styles.dialog}
          // Not the cross: its tooltip would take the first Escape.
          initialFocus={() =>
            popup.current?.querySelector<HTMLElement>("[data-first]") ??
            popup.current?.querySelector<HTMLElement>("input") ??
            popup.current
          }
        >
          <header className={styles.header}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            <Base.Close render={<IconButton label={text("common.close")}>{<X size={16} />}</IconButton>} />
          </header>
          {description && <Base.Description className={styles.description}>{description}</Base.Description>}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <footer className={styles.actions}>{children}</footer>;
}
