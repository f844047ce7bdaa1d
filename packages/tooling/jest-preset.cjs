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
  testPathIgnorePatterns: ["/node_modules/", "/dist/", "/.local/"],
  modulePathIgnorePatterns: ["/dist/", "/.local/"],
  transform: { "\\.(t|j)sx?$": [require.resolve("@swc/jest"), swc] },
  ...overrides,
});
