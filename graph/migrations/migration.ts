/** JSON fields of a document or a node, as an older version wrote them. */
export type OldFields = Record<string, unknown>;

/** One step, from a version to the next. Pure: it gets a value that it may not change, and gives a new one. */
export interface Migration {
  readonly from: number;
  readonly migrate: (fields: OldFields) => OldFields;
}

/**
 * Brings `fields` from `version` to `target`, step by step; each step's result carries the next version in the field
 * `versionField`. `undefined` when a step is missing.
 */
export function migrateFields(
  fields: OldFields,
  version: number,
  target: number,
  migrations: readonly Migration[],
  versionField: string,
): OldFields | undefined {
  let current = fields;
  for (let at = version; at < target; at++) {
    const step = migrations.find(({ from }) => from === at);
    if (!step) return undefined;
    current = { ...step.migrate(current), [versionField]: at + 1 };
  }
  return current;
}
