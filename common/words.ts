/**
 * Words of the program's own among the details of an error ("a Flux model", "text encoder"): interfaces in other languages
 * have words of their own for them, by the English ones.
 */
export interface Words {
  readonly term: "words";
  readonly words: string;
  /** The place in a file that they are said of: `input.width`. */
  readonly at?: string;
}

export const words = (english: string): Words => ({ term: "words", words: english });

interface Issues {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** What a schema found wrong, one by one, as {@link words}. */
export const issuesInWords = ({ issues }: Issues): Words[] =>
  issues.map(({ path, message }) => ({ ...words(message), ...(path.length > 0 && { at: path.join(".") }) }));
