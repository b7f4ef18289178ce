import Markdown from "react-markdown";

/** Markdown as a person wrote it into a note. */
export default function MarkdownText({ text }: { text: string }) {
  return <Markdown components={{ a: OutsideLink, img: () => null }}>{withWholeSizes(text)}</Markdown>;
}

/** Sizes such as `128 × 128` stay on one line. */
export function withWholeSizes(text: string): string {
  return text.replaceAll(/(?<=\d) ([x×]) (?=\d)/g, "\u00a0$1\u00a0");
}

/** Links of a note open outside; nothing in a workflow file may load anything by itself. */
function OutsideLink({ href, children }: { href?: string | undefined; children?: React.ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="nodrag">
      {children}
    </a>
  );
}
