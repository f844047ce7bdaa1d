import { inspect } from "node:util";
import { RedisFault, describeError, toRedisFault } from "./errors";

it.each([
  ["READONLY You can't write against a read only replica.", "read-only"],
  ["MISCONF Redis is configured to save RDB snapshots", "read-only"],
  ["OOM command not allowed when used memory > 'maxmemory'.", "out-of-memory"],
  ["NOAUTH Authentication required.", "auth"],
  ["Ready check failed: NOAUTH Authentication required.", "auth"],
  ["WRONGPASS invalid username-password pair or user is disabled.", "auth"],
  ["NOPERM this user has no permissions to run the 'get' command", "auth"],
  ["ERR DB index is out of range", "wrong-database"],
  ["LOADING Redis is loading the dataset in memory", "unreachable"],
  ["CLUSTERDOWN The cluster is down", "unreachable"],
  ["connect ECONNREFUSED 127.0.0.1:6379", "unreachable"],
  ["Stream isn't writeable and enableOfflineQueue options is false", "unreachable"],
  ["Connection is closed.", "unreachable"],
  ["Command timed out", "timeout"],
  ["Socket timeout. Expecting data, but didn't receive any in 2000ms.", "timeout"],
  ["WRONGTYPE Operation against a key holding the wrong kind of value", "failed"],
])("names %j %s", (message, code) => {
  expect(toRedisFault(new Error(message)).code).toBe(code);
});

it("keeps a fault as it is, and says what may be tried again", () => {
  const fault = new RedisFault("timeout", "late");
  expect(toRedisFault(fault)).toBe(fault);
  expect(fault.retryable).toBe(true);
  expect(new RedisFault("auth", "no").retryable).toBe(false);
});

const command = { name: "auth", args: ["secret"] };

it.each([
  ["hangs onto its errors", Object.assign(new Error("WRONGPASS no"), { command })],
  [
    "hangs onto the error of a Cluster's node",
    Object.assign(new Error("Failed to refresh slots cache."), {
      lastNodeError: Object.assign(new Error("WRONGPASS no"), { command }),
    }),
  ],
  [
    "is told by a server that doesn't know a command",
    new Error("ERR unknown command 'SET', with args beginning with: 'gvf:session:abc' 'secret' "),
  ],
])("drops the arguments that the client %s", (_, error) => {
  const fault = toRedisFault(error);
  expect(inspect(fault, { depth: 10, showHidden: true })).not.toContain("secret");
  expect(fault.message).toBe(describeError(error));
});

it("describes the error of a refused dual-stack connection, which has no text of its own", () => {
  const error = new AggregateError([
    new Error("connect ECONNREFUSED ::1:1"),
    new Error("connect ECONNREFUSED 127.0.0.1:1"),
  ]);
  expect(describeError(error)).toBe("connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1");
  expect(toRedisFault(error).code).toBe("unreachable");
});
