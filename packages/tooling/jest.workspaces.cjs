// One run of jest over every workspace that has tests of its own. The end-to-end tests need a built product and
// the machine to themselves; they are run apart.
const { existsSync, readdirSync } = require("node:fs");
const { join, resolve } = require("node:path");

const root = resolve(__dirname, "../..");

/** @type {import("jest").Config} */
module.exports = {
  rootDir: root,
  projects: ["packages", "services"]
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
    .filter((folder) => existsSync(join(folder, "jest.config.cjs")) && !folder.endsWith("/e2e")),
};
