import { type Migration, migrateFields, type OldFields } from "./migration.ts";

/**
 * Steps between versions of the document's format, oldest first. There is one version so far. Whoever adds a second adds
 * a step here, in a file of its own, and a kept sample of each version under `test/fixtures/documents`.
 */
export const documentMigrations: readonly Migration[] = [];

/** An older document in the form of `target`; `undefined` when its version is none that was ever written. */
export function migrateDocument(
  fields: OldFields,
  target: number,
  migrations: readonly Migration[] = documentMigrations,
): OldFields | undefined {
  const { version } = fields;
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1 || version > target) return undefined;
  return migrateFields(fields, version, target, migrations, "version");
}
