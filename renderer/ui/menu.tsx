import { Menu as Base } from "@base-ui/react/menu";
import { Check, ChevronRight } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import styles from "./popup.module.css";

/** A drop-down menu under its trigger. */
export function Menu({
  trigger,
  align = "start",
  children,
}: {
  trigger: ReactElement<Record<string, unknown>>;
  align?: "start" | "end";
  children: ReactNode;
}) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className={styles.positioner}>
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

const EDGE = 8;

/** A menu at a point of the window, which covers nothing of what is right `above` it; open as long as it is drawn. */
export function PointMenu({
  at,
  label,
  onClose,
  children,
}: {
  at: { readonly x: number; readonly y: number; readonly above?: number };
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  // What the menu is of may lie out of view.
  const x = Math.max(EDGE, Math.min(at.x, window.innerWidth - EDGE));
  const y = Math.max(EDGE, Math.min(at.y, window.innerHeight - EDGE));
  const height = Math.min(at.above ?? 0, y);
  const anchor = { getBoundingClientRect: () => DOMRect.fromRect({ x, y: y - height, width: 0, height }) };
  return (
    <Base.Root open modal={false} onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Positioner
          anchor={anchor}
          sideOffset={height > 0 ? 6 : 0}
          align="start"
          // Near the lower edge of the window it moves up, rather than being cut.
          collisionAvoidance={{ side: height > 0 ? "flip" : "shift", align: "shift" }}
          collisionPadding={EDGE}
          className={styles.positioner}
        >
          <Base.Popup className={`${styles.popup} ${styles.tall}`} aria-label={label}>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export function Submenu({ icon, label, children }: { icon?: ReactNode; label: string; children: ReactNode }) {
  return (
    <Base.SubmenuRoot>
      <Base.SubmenuTrigger className={styles.item}>
        {icon}
        {label}
        <ChevronRight size={14} className={styles.more} />
      </Base.SubmenuTrigger>
      <Base.Portal>
        <Base.Positioner sideOffset={2} className={styles.positioner}>
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.SubmenuRoot>
  );
}

export function MenuItem({
  icon,
  shortcut,
  children,
  onClick,
  disabled = false,
}: {
  icon?: ReactNode;
  shortcut?: string | undefined;
  children: ReactNode;
  onClick: () => void;
  disabled?: boolean;
}) {
  return (
    <Base.Item className={styles.item} onClick={onClick} disabled={disabled}>
      {icon}
      {children}
      {shortcut && <kbd className={styles.shortcut}>{shortcut}</kbd>}
    </Base.Item>
  );
}

/** Items under the name of what they are of. */
export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className={styles.groupLabel}>{label}</Base.GroupLabel>
      {children}
    </Base.Group>
  );
}

export function MenuSeparator() {
  return <Base.Separator className={styles.separator} />;
}

export function MenuRadioGroup<T extends string>({
  label,
  value,
  options,
  closes = false,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  /** The menu is for this choice alone, and closes with it. */
  closes?: boolean;
  onChange: (value: T) => void;
}) {
  return (
    <Base.Group>
      <Base.GroupLabel className={styles.groupLabel}>{label}</Base.GroupLabel>
      <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} className={styles.item} closeOnClick={closes}>
            <span className={styles.check}>
              <Base.RadioItemIndicator>
                <Check size={14} />
              </Base.RadioItemIndicator>
            </span>
            {option.label}
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}
