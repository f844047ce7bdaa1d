module.exports = require("@vibe-friend/tooling/jest-preset").createJestConfig("bench");
