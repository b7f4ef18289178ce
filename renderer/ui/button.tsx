import type { ButtonHTMLAttributes, Ref } from "react";
import styles from "./button.module.css";
import { Tooltip } from "./tooltip.tsx";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  tone?: "plain" | "primary" | "danger" | "quiet";
  ref?: Ref<HTMLButtonElement>;
};

export function Button({ tone = "plain", className, ...props }: ButtonProps) {
  return <button type="button" className={join(styles.button, styles[tone], className)} {...props} />;
}

/** A square button with an icon; its label is its name and its tooltip. */
export function IconButton({
  label,
  shortcut,
  children,
  className,
  side,
  ...props
}: Omit<ButtonProps, "aria-label"> & {
  label: string;
  shortcut?: string | undefined;
  side?: "top" | "bottom" | "left";
}) {
  return (
    <Tooltip label={label} shortcut={shortcut} side={side}>
      <button type="button" aria-label={label} className={join(styles.icon, className)} {...props}>
        {children}
      </button>
    </Tooltip>
  );
}

export function join(...names: (string | false | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}
