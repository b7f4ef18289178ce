/** What is in a file: facts for programs, lines for people. */
export interface Inspection {
  facts: Record<string, unknown>;
  lines: string[];
}
