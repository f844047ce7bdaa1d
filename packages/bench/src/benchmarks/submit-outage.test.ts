import { summarizeRounds } from "../report/statistics";
import { judgeAccepted } from "./submit-outage";

function row(group: string, contestant: string, acceptedPercent?: number) {
  if (acceptedPercent === undefined) return { group, contestant, status: "failed" as const, figures: {} };
  const figures = { acceptedPercent: summarizeRounds([acceptedPercent]) };
  return { group, contestant, status: "measured" as const, figures };
}

it("asks for everything, of all and in every outage", () => {
  const rows = [
    row("64 at once", "a"),
    row("Redis killed, 50/s", "a", 100),
    row("Redis frozen, 50/s", "a", 100),
  ];
  expect(judgeAccepted(rows, ["a"])).toMatchObject({ status: "met" });
  expect(judgeAccepted([...rows, row("Redis killed, 50/s", "b", 99.5)], ["a", "b"])).toMatchObject({
    status: "not measured",
  });
  const missed = [row("Redis killed, 50/s", "a", 100), row("Redis killed, 50/s", "b", 99.5)];
  expect(judgeAccepted(missed, ["a", "b"])).toMatchObject({
    status: "missed",
    measured: "99.5 % at the worst",
  });
  expect(judgeAccepted([row("Redis killed, 50/s", "a")], ["a"])).toMatchObject({ status: "not measured" });
});
