import { currentRedisBudget, withRedisBudget } from "./budget";

const budgetHeader = "x-redis-budget-ms";
/** All Redis waits of one request together, in all services that it goes through; milliseconds. */
const requestBudgetMs = 200;

/** Tells the service that is called what the request may still wait for Redis. */
export function budgetHeaders(): Readonly<Record<string, string>> {
  const budget = currentRedisBudget();
  return budget === undefined ? {} : { [budgetHeader]: String(budget.leftMs()) };
}

/** Handles a call with what its caller has left, which is never more than a request may wait. */
export function withCallersBudget(
  handle: () => void,
  { headers }: { readonly headers: Readonly<Record<string, string | string[] | undefined>> },
): void {
  const header = headers[budgetHeader];
  const leftMs = typeof header === "string" && /^\d{1,6}$/.test(header) ? Number(header) : requestBudgetMs;
  withRedisBudget(Math.min(leftMs, requestBudgetMs), handle);
}
