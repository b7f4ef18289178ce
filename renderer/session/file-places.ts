import type { Session } from "./session.ts";

/** Where the workflow of a tab lies on disk, in the host's own words; known to this run of the application only. */
const places = new WeakMap<Session, string>();

export const filePlaceOf = (session: Session): string | undefined => places.get(session);

export function rememberPlace(session: Session, place: string | undefined): void {
  if (place === undefined) places.delete(session);
  else places.set(session, place);
}
