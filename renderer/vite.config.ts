import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The editor's code is fetched beside the small entry, which would ask for it only when it runs. */
function fetchStudioEarly(): Plugin {
  return {
    name: "heddle:fetch-studio-early",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((part) => part.type === "chunk");
        const studio = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith("/renderer/studio.tsx"));
        if (!studio) throw new Error("The bundle has no chunk for renderer/studio.tsx");
        const missing = [studio.fileName, ...studio.imports].filter((file) => !html.includes(file));
        return missing.map((file) => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `./${file}` },
          injectTo: "head" as const,
        }));
      },
    },
  };
}

/** The renderer is served from any folder (`base: "./"`) under a strict CSP: no inline scripts, no data: modules. */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  plugins: [react(), fetchStudioEarly()],
  build: {
    outDir: "../dist/renderer",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    // One file, which is there before the first pixel: no screen appears without its styles.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    target: "es2023",
    chunkSizeWarningLimit: 1500,
  },
});
