module.exports = require("@vibe-friend/tooling/jest-preset").createJestConfig("database", {
  // The first test to ask starts the Postgres that all of them share.
  testTimeout: 30_000,
});
