/** The storeys of the house: a folder imports only from those below it. See docs/architecture.md. */
const above = {
  client: "engine|graph|nodes|protocol|server|cli|renderer|electron|common",
  engine: "graph|nodes|protocol|server|cli|renderer|electron",
  graph: "engine|nodes|protocol|server|cli|renderer|electron",
  nodes: "protocol|server|cli|renderer|electron",
  protocol: "engine|server|cli|renderer|electron",
  renderer: "engine|server|cli|electron",
  server: "renderer|electron|cli",
  cli: "renderer",
  electron: "renderer|cli",
};
const notTest = "\\.test\\.tsx?$";

module.exports = {
  forbidden: [
    ...Object.entries(above).map(([storey, others]) => ({
      name: `storey-${storey}`,
      severity: "error",
      comment: `${storey}/ may only import from the storeys below it`,
      from: { path: `^${storey}/` },
      to: { path: `^(${others})/` },
    })),
    {
      name: "definitions-are-pure-data",
      severity: "error",
      comment: "the renderer bundles node definitions, so they must not reach the engine or Node's own modules",
      from: { path: "^nodes/.*(definition|definitions|types)\\.ts$" },
      to: { path: "^engine/|^node:|^graph/execution/", reachable: true },
    },
    {
      name: "renderer-is-a-web-page",
      severity: "error",
      comment: "the renderer knows no transport and no Node: it talks to a Host through protocol/",
      from: { path: "^renderer/", pathNot: "^renderer/vite\\.config\\.ts$" },
      to: { path: "^node:|^engine/|^nodes/.*/run\\.ts$|^electron$", reachable: true },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true, dependencyTypesNot: ["type-only"] } },
    {
      name: "not-to-dev-dep",
      severity: "error",
      from: { path: "^(engine|graph|nodes|protocol|server)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    { name: "not-to-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: notTest },
    tsPreCompilationDeps: true,
    parser: "swc",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".tsx", ".js"],
    },
    builtInModules: { add: ["node:sqlite"] },
  },
};
