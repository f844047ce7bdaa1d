import { parseBenchOptions } from "./bench-options";

const names = ["cache-reads", "outage"];

it("reads every option", () => {
  expect(parseBenchOptions([], names)).toEqual({ quick: false, seed: 1 });
  expect(parseBenchOptions(["--only", "outage", "--json", "out.json", "--quick", "--seed=7"], names)).toEqual(
    { quick: true, seed: 7, only: "outage", json: "out.json" },
  );
});

it.each([
  [["--only", "reads"], '--only is "reads"; allowed is one of cache-reads, outage'],
  [["--only"], "--only"],
  [["--json", ""], "--json needs the name of a file"],
  [["--seed", "x"], "--seed is"],
  [["--fast"], "Unknown option '--fast'; options: --json FILE, --only cache-reads|outage, --quick, --seed N"],
  [["reads"], "Unexpected argument 'reads'"],
])("refuses %j in one line", (args, message) => {
  expect(() => parseBenchOptions(args, names)).toThrow(message);
});
