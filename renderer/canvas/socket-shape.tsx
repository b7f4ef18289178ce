import type { PortType } from "../../graph/definition.ts";

/** Every port type has a shape besides its colour, so that types are told apart without seeing colours. */
const SHAPES: Record<PortType, string> = {
  model: "M6 1l4.5 2.5v5L6 11 1.5 8.5v-5z",
  textEncoder: "M2 1.5h8v9H2z",
  vae: "M6 .8L11.2 6 6 11.2.8 6z",
  conditioning: "M6 1.2a4.8 4.8 0 110 9.6 4.8 4.8 0 010-9.6z",
  latent: "M6 1.2l5 9H1z",
  image: "M3.2 1.2h5.6a2 2 0 012 2v5.6a2 2 0 01-2 2H3.2a2 2 0 01-2-2V3.2a2 2 0 012-2z",
  mask: "M6 1.2a4.8 4.8 0 110 9.6 4.8 4.8 0 010-9.6zM6 4a2 2 0 100 4 2 2 0 000-4z",
  controlNet: "M6 .8l5.2 3.8-2 6.2H2.8l-2-6.2z",
  lora: "M1.5 3.5L6 1l4.5 2.5L6 6zM1.5 6.8L6 9.3l4.5-2.5v2L6 11.3 1.5 8.8z",
  integer: "M1 4h10v4H1z",
  number: "M1 6a3 3 0 013-3h4a3 3 0 010 6H4a3 3 0 01-3-3z",
  text: "M1.5 2h9v3H7.5v5.5h-3V5h-3z",
  boolean: "M6 1.2a4.8 4.8 0 000 9.6z",
  any: "M6 .8l1.5 3.7 3.7 1.5-3.7 1.5L6 11.2 4.5 7.5.8 6l3.7-1.5z",
};

export function SocketShape({ type, size = 12 }: { type: PortType; size?: number }) {
  return (
    <svg viewBox="0 0 12 12" width={size} height={size} aria-hidden="true">
      <path d={SHAPES[type]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}
