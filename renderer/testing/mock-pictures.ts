/** A picture that comes out of noise: `progress` 0 is noise, 1 is a disc on a background. */
export async function paintPicture(
  seed: number,
  progress: number,
  size: number,
): Promise<{ hash: string; dataUrl: string }> {
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  const hue = (seed * 67) % 360;
  const sky = context.createLinearGradient(0, 0, 0, size);
  sky.addColorStop(0, `hsl(${hue} 50% 30%)`);
  sky.addColorStop(1, `hsl(${hue + 40} 60% 60%)`);
  context.fillStyle = sky;
  context.fillRect(0, 0, size, size);
  context.fillStyle = `hsl(${hue + 180} 80% 65%)`;
  context.beginPath();
  context.arc(size * 0.5, size * 0.45, size * 0.22, 0, 7);
  context.fill();
  if (progress < 1) {
    const data = context.getImageData(0, 0, size, size);
    for (let i = 0; i < data.data.length; i++) {
      if (i % 4 !== 3) data.data[i] = (data.data[i] ?? 0) * progress + Math.random() * 255 * (1 - progress);
    }
    context.putImageData(data, 0, 0);
  }
  const dataUrl = canvas.toDataURL("image/png");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(dataUrl));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { hash, dataUrl };
}
