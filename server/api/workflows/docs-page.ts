import { html } from "hono/html";
import { z } from "zod";

const operationSchema = z.looseObject({
  summary: z.string(),
  description: z.string().optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })) }).optional(),
});
const documentSchema = z.looseObject({
  info: z.looseObject({ title: z.string(), version: z.string(), description: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
});

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:1rem;border:1px solid #8884;border-radius:8px}
article{border-top:1px solid #8884;padding:1rem 0}b{text-transform:uppercase;margin-right:.5rem}`;

/** A page that shows an OpenAPI document: plain text, no script. */
export function docsPage(document: unknown) {
  const { info, paths } = documentSchema.parse(document);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${info.title}: endpoints</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>${info.title} ${info.version}</h1>
        <p>${info.description} For programs: <a href="/api/openapi.json">openapi.json</a>.</p>
        ${operations.map(
          ({ path, method, summary, description, requestBody }) => html`<article>
            <h2>${summary}</h2>
            <p><b>${method}</b><code>${path}</code></p>
            ${description ? html`<p>${description}</p>` : ""}
            ${requestBody ? html`<pre>${JSON.stringify(requestBody.content["application/json"]?.schema, null, 2)}</pre>` : ""}
          </article>`,
        )}
      </body>
    </html>`;
}
