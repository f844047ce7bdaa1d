import { createFindNodes } from "./find-nodes";

let addresses: Record<string, string[] | Error>;
let asked: string[];

const resolveName = (hostname: string): Promise<readonly string[]> => {
  asked.push(hostname);
  const answer = addresses[hostname] ?? new Error("no such name");
  return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
};

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate"] });
  addresses = { notification: ["10.0.0.1", "10.0.0.2"] };
  asked = [];
});
afterEach(() => {
  jest.useRealTimers();
});

it("takes every address behind a name for a node, and an address for itself", async () => {
  const findNodes = createFindNodes(
    ["http://notification:3000", "http://127.0.0.1:8084", "http://[::1]:8084", "https://node.example:443"],
    resolveName,
  );
  expect(await findNodes()).toEqual([
    "http://10.0.0.1:3000",
    "http://10.0.0.2:3000",
    "http://127.0.0.1:8084",
    "http://[::1]:8084",
    "https://node.example:443",
  ]);
  expect(asked).toEqual(["notification"]);
});

it("learns of new and gone nodes within a second, and asks no more often", async () => {
  const findNodes = createFindNodes(["http://notification:3000"], resolveName);
  await findNodes();
  addresses["notification"] = ["10.0.0.2", "fd00::3"];
  expect(await findNodes()).toEqual(["http://10.0.0.1:3000", "http://10.0.0.2:3000"]);
  jest.advanceTimersByTime(1_001);
  expect(await findNodes()).toEqual(["http://10.0.0.2:3000", "http://[fd00::3]:3000"]);
  expect(asked).toHaveLength(2);
});

it("keeps the nodes it knows while names can't be looked up", async () => {
  const findNodes = createFindNodes(["http://notification:3000", "http://other:3000"], resolveName);
  const before = await findNodes();
  expect(before).toContain("http://other:3000");
  addresses["notification"] = new Error("the name service is away");
  jest.advanceTimersByTime(1_001);
  expect(await findNodes()).toEqual(before);
});
