import type { ReactNode } from "react";

/** What stands in a list of choices that is empty: such a list has to hold something that may be chosen, or nearly so. */
export function NoChoice({ children }: { children: ReactNode }) {
  return (
    <div role="option" aria-selected={false} aria-disabled tabIndex={-1}>
      {children}
    </div>
  );
}
