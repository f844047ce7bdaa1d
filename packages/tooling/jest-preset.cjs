// One jest configuration for every workspace: swc instead of a build, workspaces resolved to their sources.
const swc = {
  jsc: {
    target: "es2023",
    parser: { syntax: "typescript", tsx: true, decorators: true },
    transform: {
      legacyDecorator: true,
      decoratorMetadata: true,
      useDefineForClassFields: false,
      react: { runtime: "automatic" },
    },
  },
  module: { type: "commonjs" },
  sourceMaps: "inline",
};

// What takes minutes (Cluster, failovers, long schedules) runs in `npm run test:full`, which sets this variable.
const longTests = process.env["VIBE_TEST_FULL"] === "1" ? [] : ["\\.full\\.test\\.tsx?$"];

/**
 * @param {string} name how the workspace is called in the summary
 * @param {import("jest").Config} [overrides]
 * @returns {import("jest").Config}
 */
exports.createJestConfig = (name, overrides = {}) => ({
  displayName: name,
  testEnvironment: "node",
  testEnvironmentOptions: { customExportConditions: ["source", "node", "require", "default"] },
  testMatch: ["<rootDir>/**/*.test.{ts,tsx}"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/", "/.local/", ...longTests],
  modulePathIgnorePatterns: ["/dist/", "/.local/"],
  transform: { "\\.(t|j)sx?$": [require.resolve("@swc/jest"), swc] },
  ...overrides,
});
