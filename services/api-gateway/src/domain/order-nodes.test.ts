import { orderNodes } from "./order-nodes";

const nodes = ["http://a:1", "http://b:1", "http://c:1"];
const keys = Array.from({ length: 300 }, (_, index) => `key-${index}`);

it("gives a key the same order every time, in whatever order the nodes are named", () => {
  for (const key of keys) expect(orderNodes(key, nodes)).toEqual(orderNodes(key, [...nodes].reverse()));
});

it("spreads keys over all nodes", () => {
  const counts = nodes.map((node) => keys.filter((key) => orderNodes(key, nodes)[0] === node).length);
  for (const count of counts) expect(count).toBeGreaterThan(60);
});

it("moves only the keys of a lost node", () => {
  const lost = nodes[0]!;
  for (const key of keys) {
    const [first] = orderNodes(key, nodes);
    if (first !== lost) expect(orderNodes(key, nodes.slice(1))[0]).toBe(first);
  }
});
