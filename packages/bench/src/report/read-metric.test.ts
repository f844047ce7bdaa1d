import { readMetric } from "./read-metric";

it("reads a value with and without labels, and not one that only begins so", () => {
  const text = ["# HELP a_total x", "a_total_more 7", 'a_total{service="w"} 12.5', "b 3e2", ""].join("\n");
  expect(readMetric(text, "a_total")).toBe(12.5);
  expect(readMetric(text, "b")).toBe(300);
  expect(() => readMetric(text, "c")).toThrow("there is no c in the figures");
});
