import type { JsonValue } from "../../../graph/document.ts";
import { findDefinition } from "../../../nodes/definitions.ts";
import type { CatalogEntry } from "./catalog.ts";
import { inputsOf, schemaOfInput } from "./inputs.ts";

type Json = Record<string, JsonValue>;

const runSchema: Json = {
  type: "object",
  required: ["id", "state", "images"],
  properties: {
    id: { type: "string", format: "uuid" },
    state: { type: "string", enum: ["waiting", "running", "done", "failed", "cancelled"] },
    position: { type: ["integer", "null"], description: "How many jobs go before this one." },
    createdAt: { type: "string", format: "date-time" },
    startedAt: { type: ["string", "null"], format: "date-time" },
    finishedAt: { type: ["string", "null"], format: "date-time" },
    images: {
      type: "array",
      items: {
        type: "object",
        properties: {
          url: { type: "string", format: "uri", description: "Needs no credential." },
          width: { type: "integer" },
          height: { type: "integer" },
          mimeType: { type: "string" },
          seed: { type: ["string", "null"], description: "Decimal, exact." },
        },
      },
    },
    timings: { type: ["object", "null"], description: "Milliseconds, by part." },
    error: {
      type: ["object", "null"],
      properties: { code: { type: "string" }, message: { type: "string" }, help: { type: "string" } },
    },
  },
};

const acceptedSchema: Json = {
  type: "object",
  required: ["id", "url", "eventsUrl"],
  properties: {
    id: { type: "string", format: "uuid" },
    url: { type: "string", format: "uri" },
    eventsUrl: { type: "string", format: "uri" },
    position: { type: ["integer", "null"] },
  },
};

const json = (schema: Json): Json => ({ "application/json": { schema } });
const answer = (description: string, schema?: Json): Json => ({
  description,
  ...(schema ? { content: json(schema) } : {}),
});
const refusals: Json = {
  "401": answer("No credential, or a wrong one."),
  "422": answer("Inputs that cannot be, each with its message."),
  "429": answer("Too many requests, or too many waiting jobs; Retry-After says when to come back."),
};
const runId: Json = { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } };
const options: Json = {
  priority: { type: "string", enum: ["normal", "low"], default: "normal" },
  timeoutSeconds: { type: "number", exclusiveMinimum: 0, maximum: 86_400 },
};

/** The OpenAPI 3.1 document of the workflows that there are. */
export function openApi(workflows: readonly CatalogEntry[], version: string, origin: string): Json {
  const paths: Json = {};
  for (const { name, document } of workflows) {
    const inputs = inputsOf(document, findDefinition);
    const properties = Object.fromEntries(inputs.map((input) => [input.name, schemaOfInput(input)]));
    const body: Json = {
      type: "object",
      additionalProperties: false,
      properties: { inputs: { type: "object", additionalProperties: false, properties }, ...options },
    };
    paths[`/api/workflows/${encodeURIComponent(name)}/runs`] = {
      post: {
        operationId: `run-${name}`,
        summary: document.title,
        description: document.description ?? "",
        requestBody: { required: true, content: json(body) },
        responses: { "202": answer("Accepted.", acceptedSchema), ...refusals },
      },
    };
  }
  const document: Json = { type: "object", description: "A workflow, as Heddle saves it." };
  const anyBody: Json = {
    type: "object",
    required: ["document"],
    properties: { document, targets: { type: "array", items: { type: "string" } }, ...options },
  };
  return {
    openapi: "3.1.0",
    info: { title: "Heddle", version, description: "Every workflow of this Heddle as an endpoint." },
    servers: [{ url: origin }],
    security: [{ key: [] }],
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key (heddle keys create), or the host’s token." },
      },
    },
    paths: {
      ...paths,
      "/api/workflows": {
        get: {
          operationId: "list-workflows",
          summary: "The workflows that can be run by name",
          responses: { "200": answer("The list.") },
        },
      },
      "/api/runs": {
        post: {
          operationId: "run-document",
          summary: "Run any workflow",
          requestBody: { required: true, content: json(anyBody) },
          responses: { "202": answer("Accepted.", acceptedSchema), ...refusals },
        },
      },
      "/api/runs/{id}": {
        get: {
          operationId: "get-run",
          summary: "A run and its pictures",
          parameters: [runId],
          responses: { "200": answer("The run.", runSchema), "404": answer("No such run.") },
        },
        delete: {
          operationId: "cancel-run",
          summary: "Cancel a run",
          parameters: [runId],
          responses: { "202": answer("It will end."), "409": answer("It has ended.") },
        },
      },
      "/api/runs/{id}/events": {
        get: {
          operationId: "watch-run",
          summary: "What happens in a run, as server-sent events, to its end",
          parameters: [runId],
          responses: { "200": { description: "Events.", content: { "text/event-stream": {} } } },
        },
      },
      "/api/runs/{id}/log": {
        get: {
          operationId: "get-run-log",
          summary: "A run’s log",
          parameters: [runId],
          responses: { "200": answer("Its lines.") },
        },
      },
    },
  };
}
