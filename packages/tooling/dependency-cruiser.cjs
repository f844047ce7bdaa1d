// Imports go one way: main → app → inbound → domain ← adapters ← main.
const service = "^services/(api-gateway|auth|cache|generation-worker|notification)/src/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "contracts-know-nobody",
      severity: "error",
      from: { path: "^packages/contracts/src" },
      to: { path: "^(packages|services)/", pathNot: "^packages/contracts/" },
    },
    {
      name: "redis-kit-stands-alone",
      comment: "Its tests may start servers through local-stack.",
      severity: "error",
      from: { path: "^packages/redis-kit/src", pathNot: "\\.test\\.ts$" },
      to: { path: "^(packages|services)/", pathNot: "^packages/redis-kit/" },
    },
    {
      name: "only-redis-kit-imports-ioredis",
      comment: "local-stack speaks to servers it started before any product code runs; bench measures it.",
      severity: "error",
      from: {
        path: "^(packages|services)/",
        pathNot: "^packages/(redis-kit|local-stack|e2e|bench)/|\\.test\\.ts$",
      },
      to: { path: "node_modules/(ioredis|bullmq)/" },
    },
    {
      name: "database-knows-contracts-and-redis-kit",
      severity: "error",
      from: { path: "^packages/database/src", pathNot: "\\.test\\.ts$" },
      to: { path: "^(packages|services)/", pathNot: "^packages/(database|contracts|redis-kit)/" },
    },
    {
      name: "service-kit-and-client-know-contracts",
      severity: "error",
      from: { path: "^packages/(service-kit|client)/src", pathNot: "\\.test\\.ts$" },
      to: { path: "^(packages|services)/", pathNot: "^packages/(service-kit|client|contracts)/" },
    },
    {
      name: "packages-know-no-service",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^services/" },
    },
    {
      name: "services-never-import-each-other",
      severity: "error",
      from: { path: "^services/([^/]+)/" },
      to: { path: "^services/", pathNot: "^services/$1/" },
    },
    {
      name: "the-browser-knows-client-and-contracts",
      severity: "error",
      from: { path: "^services/console/src" },
      to: { path: "^packages/", pathNot: "^packages/(client|contracts)/" },
    },
    {
      name: "domain-knows-no-transport",
      severity: "error",
      from: { path: `${service}domain/`, pathNot: "\\.test\\.ts$" },
      to: {
        path: `${service}(inbound|adapters|app|main|config)|node_modules/(express|bullmq|ioredis|typeorm|pg|socket\\.io)/|^packages/(database|redis-kit)/src/(?!outcome|errors)`,
      },
    },
    {
      name: "inbound-calls-domain-only",
      severity: "error",
      from: { path: `${service}inbound/`, pathNot: "\\.test\\.ts$" },
      to: { path: `${service}(adapters|app|main)` },
    },
    {
      name: "adapters-do-not-call-inbound",
      severity: "error",
      from: { path: `${service}adapters/`, pathNot: "\\.test\\.ts$" },
      to: { path: `${service}(inbound|app|main)` },
    },
    {
      name: "app-has-no-adapters",
      severity: "error",
      from: { path: `${service}app\\.ts$` },
      to: { path: `${service}(adapters|main)` },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|\\.local|\\.turbo)/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "node", "require", "import", "default"],
      mainFields: ["main", "types"],
    },
  },
};
