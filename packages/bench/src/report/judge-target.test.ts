import { judgeRatio } from "./judge-target";
import { summarizeRounds } from "./statistics";

const rows = [
  row("a", "ours", 95),
  row("a", "raw", 100),
  row("a", "peer", 10),
  row("b", "ours", 300),
  row("b", "raw", 100),
];

function row(group: string, contestant: string, rate: number) {
  return { group, contestant, status: "measured", figures: { rate: summarizeRounds([rate]) } } as const;
}

const target = {
  text: "t",
  contestant: "ours",
  column: "rate",
  groups: ["a", "b"],
  against: ["raw", "peer"],
};

it("is met when the ratio to the best other is reached in every group", () => {
  expect(judgeRatio(rows, { ...target, atLeast: 0.9 })).toEqual({
    text: "t",
    status: "met",
    measured: "a: 0.95x; b: 3.00x",
  });
});

it("is missed when one group stays below", () => {
  expect(judgeRatio(rows, { ...target, atLeast: 1 })).toMatchObject({ status: "missed" });
});

it("says so when a group has no figures", () => {
  expect(judgeRatio(rows, { ...target, groups: ["a", "c"], atLeast: 0.1 }).status).toBe("not measured");
});
