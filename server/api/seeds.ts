import { randomInt } from "node:crypto";

/** A seed for those who gave none: in the unsigned 32-bit range, as the services draw them. */
export function randomSeed(): number {
  return randomInt(2 ** 32);
}
