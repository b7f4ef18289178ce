import sharp from "sharp";
import type { PreviewEncoder } from "../../nodes/services.ts";

/** Small enough to travel with every step, large enough to see what is coming. */
const MAX_SIDE = 256;

/** Live previews as WebP data URLs. Previews come at latent size, an eighth of the picture a side. */
export const previewEncoder: PreviewEncoder = {
  async encode({ data, width, height }) {
    const scale = MAX_SIDE / Math.max(width, height);
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    const webp = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize({ ...size, fit: "fill", kernel: "cubic" })
      .webp({ quality: 60, effort: 0 })
      .toBuffer();
    return { dataUrl: `data:image/webp;base64,${webp.toString("base64")}`, ...size };
  },
};
