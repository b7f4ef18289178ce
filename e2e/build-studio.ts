import { build } from "../scripts/build.ts";

/** The tests look at the studio as it is in the sources now. */
export default async function buildStudio(): Promise<void> {
  await build();
}
