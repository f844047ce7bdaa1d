import { fileURLToPath } from "node:url";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const root = fileURLToPath(new URL("../..", import.meta.url));

export default tseslint.config(
  { ignores: ["**/dist/**", "**/node_modules/**", "**/.local/**", "**/.turbo/**", "**/coverage/**"] },
  {
    files: ["packages/*/src/**/*.ts", "services/*/src/**/*.ts", "services/console/server/**/*.ts"],
    ignores: ["services/console/src/**"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: `${root}/packages/tooling/tsconfig.json`, tsconfigRootDir: root },
    },
  },
  {
    files: ["services/console/src/**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { "react-hooks": reactHooks },
    rules: { ...reactHooks.configs.recommended.rules },
    languageOptions: {
      parserOptions: { project: `${root}/services/console/tsconfig.json`, tsconfigRootDir: root },
    },
  },
  {
    files: ["**/*.{ts,tsx}"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "max-params": ["error", 3],
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers in messages are what messages are for.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  {
    files: ["**/*.test.ts", "**/*.test.tsx"],
    rules: {
      // Jest's matchers take methods as values.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    // The terminal is what these write to.
    files: ["packages/local-stack/**", "packages/e2e/**", "packages/bench/**"],
    rules: { "no-console": "off" },
  },
);
