import { parseDrillOptions } from "./drill-options";

const names = ["redis-killed", "overload"];

it("runs everything with seed 1 unless told otherwise", () => {
  expect(parseDrillOptions([], names)).toEqual({ quick: false, seed: 1 });
});

it("takes every option", () => {
  const args = ["--quick", "--only", "overload", "--json", "a.json", "--markdown", "a.md", "--seed", "7"];
  expect(parseDrillOptions(args, names)).toEqual({
    quick: true,
    only: "overload",
    json: "a.json",
    markdown: "a.md",
    seed: 7,
  });
});

it.each([
  [["--only", "nonsense"], /^--only is "nonsense"; allowed is one of redis-killed, overload$/],
  [["--seed", "x"], /^--seed is "x"; allowed is a whole number/],
  [["--json", ""], /^--json needs the name of a file/],
  [["--nonsense"], /nonsense.*options: --quick/],
])("says in one line what is wrong with %j", (args, message) => {
  expect(() => parseDrillOptions(args, names)).toThrow(message);
});
