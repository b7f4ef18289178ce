/**
 * The workflow and its settings as an XMP packet (XML), the metadata that JPEG and WebP carry as Unicode text.
 * Properties of one namespace; readers that do not know it keep it.
 */
const NAMESPACE = "urn:heddle:metadata:1";

export function buildXmp(properties: Readonly<Record<string, string>>): string {
  const elements = Object.entries(properties).map(
    ([name, text]) => `<heddle:${name}>${escapeXml(text)}</heddle:${name}>`,
  );
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:heddle="${NAMESPACE}">`,
    ...elements,
    "</rdf:Description></rdf:RDF></x:xmpmeta>",
  ].join("\n");
}

/** One of the properties, also where another program has rewritten the packet with attributes instead of elements. */
export function readXmpProperty(xmp: string, name: string): string | undefined {
  if (!xmp.includes(NAMESPACE)) return undefined;
  const element = between(xmp, `<heddle:${name}>`, `</heddle:${name}>`);
  const text = element ?? between(xmp, `heddle:${name}="`, '"') ?? between(xmp, `heddle:${name}='`, "'");
  return text === undefined ? undefined : unescapeXml(text);
}

function between(text: string, open: string, close: string): string | undefined {
  const start = text.indexOf(open);
  const end = start < 0 ? -1 : text.indexOf(close, start + open.length);
  return end < 0 ? undefined : text.slice(start + open.length, end);
}

function escapeXml(text: string): string {
  const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\r/g, "&#13;");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to hold these
  return escaped.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
}

const NAMED = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED.get(name) ?? whole;
    const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
