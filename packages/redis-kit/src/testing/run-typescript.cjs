// Lets a test's child process run the sources as they are: `node run-typescript.cjs <file.ts>`.
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");
const { transformSync } = require("@swc/core");

require.extensions[".ts"] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, "utf8"), {
    filename,
    jsc: { target: "es2023", parser: { syntax: "typescript" } },
    module: { type: "commonjs" },
  });
  module._compile(code, filename);
};
require(resolve(process.argv[2]));
