import type { ImageReference } from "../../graph/events.ts";
import type { GalleryPicture, GalleryQueryInput } from "../../protocol/gallery.ts";

const DAY_MS = 86_400_000;
const SIDES = [
  [1024, 1024],
  [832, 1216],
  [1216, 832],
] as const;

/** A gallery of `count` made-up pictures besides those that were drawn; it forgets everything with the page. */
export function mockGallery(saved: readonly ImageReference[], count: number) {
  const marks = new Map<string, { favourite?: boolean; rating?: number }>();
  const trashed = new Set<string>();
  const made = Array.from({ length: count }, (_, at): ImageReference => {
    const [width, height] = SIDES[at % SIDES.length]!;
    const path = `/mock/2026-11-20/a-picture-${at}.png`;
    return { hash: at.toString(16).padStart(64, "0"), width, height, mimeType: "image/png", seed: String(at), path };
  });
  const all = (): GalleryPicture[] =>
    [...saved.toReversed(), ...made].map((picture, at) => ({
      ...picture,
      createdAt: Date.UTC(2026, 10, 21) - (at * DAY_MS) / 50,
      favourite: false,
      rating: 0,
      ...marks.get(picture.hash),
    }));
  return {
    refresh: async () => ({ remaining: 0, changed: false }),
    search: async (query: GalleryQueryInput) => {
      const words = (query.words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      const found = all().filter(
        (picture) =>
          trashed.has(picture.hash) === Boolean(query.trash) &&
          (!query.favourites || picture.favourite) &&
          picture.rating >= (query.rating ?? 0) &&
          words.every((word) => `${picture.path} ${picture.seed}`.includes(word)),
      );
      return { total: found.length, pictures: found.slice(0, query.limit) };
    },
    facets: async () => ({ models: [{ name: "z-image-turbo", count: saved.length + count }], loras: [] }),
    details: async () => ({
      prompt: "a picture that nobody drew",
      negativePrompt: "",
      models: ["z-image-turbo"],
      loras: [],
      sizeBytes: 1_234_567,
    }),
    mark: async ({ hashes, ...change }: { hashes: string[]; favourite?: boolean; rating?: number }) => {
      for (const hash of hashes) marks.set(hash, { ...marks.get(hash), ...change });
      return { marked: hashes.length };
    },
    trash: async ({ hashes }: { hashes: string[] }) => {
      for (const hash of hashes) trashed.add(hash);
      return { moved: hashes.length };
    },
    restore: async ({ hashes }: { hashes: string[] }) => {
      for (const hash of hashes) trashed.delete(hash);
      return { moved: hashes.length };
    },
    purge: async () => ({ deleted: 0 }),
  };
}

/** A square of the colour that the last digits of the hash say. */
export function mockPictureUrl(hash: string): string {
  const hue = (Number.parseInt(hash.slice(-6), 16) * 47) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="hsl(${hue} 45% 45%)"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
