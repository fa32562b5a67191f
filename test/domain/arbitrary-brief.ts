/** Decisions in short, plain and hostile, and digests around them. */
import fc from "fast-check";
import type { DigestFacts } from "../../src/domain/digest.ts";
import type { DecisionBrief } from "../../src/domain/figures.ts";
import { text } from "./arbitrary-decision.ts";

export function brief(change: Partial<DecisionBrief>): DecisionBrief {
  return {
    id: "p-1",
    title: "Annual billing",
    cardUrl: "https://acme.slack.com/archives/C1/p1",
    pipeUrl: "https://www.notion.so/p1",
    createdAt: "2026-11-20T09:00:00.000Z",
    expiresAt: "2026-11-27T09:00:00.000Z",
    impact: 8,
    state: "recorded",
    outcome: { verdict: "approved", by: "Dana Reyes", at: "2026-11-20T10:00:00.000Z", chosen: "A" },
    votes: [
      { adviser: "The Quant", recommends: "A" },
      { adviser: "The Auditor", recommends: "B" },
    ],
    acceptanceRate: 1,
    taskCount: 0,
    ...change,
  };
}

export function digestFacts(change: Partial<DigestFacts>): DigestFacts {
  return {
    kind: "daily",
    since: "2026-11-19T08:00:00.000Z",
    until: "2026-11-20T08:00:00.000Z",
    decided: [],
    decidedLately: [],
    pending: [],
    items: { new: 0, tasks: 0, notes: 0, givenUp: 0, unpaid: 0 },
    tasksDone: null,
    spend: { usd: 0, calls: 0 },
    missed: [],
    health: { status: "healthy", checks: [] },
    ...change,
  };
}

const moment = fc
  .integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) })
  .map((ms) => new Date(ms).toISOString());
const verdict = fc.constantFrom(
  "approved" as const,
  "edited" as const,
  "rejected" as const,
  "expired" as const,
);
const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }));

export const anyBrief: fc.Arbitrary<DecisionBrief> = fc.record({
  id: fc.uuid(),
  title: text,
  cardUrl: fc.option(
    fc.constantFrom(`https://acme.slack.com/${"p".repeat(470)}`, "https://acme.slack.com/p1"),
  ),
  pipeUrl: fc.constantFrom(
    "https://www.notion.so/x",
    "javascript:alert(1)",
    `https://www.notion.so/${"x".repeat(9_000)}`,
  ),
  createdAt: moment,
  expiresAt: fc.option(moment),
  impact: fc.integer({ min: 0, max: 10 }),
  state: fc.constantFrom("pending" as const, "recording" as const, "recorded" as const),
  outcome: fc.option(
    fc.record({ verdict, by: text, at: moment, chosen: fc.option(fc.constantFrom("A", "B", "C", "D")) }),
  ),
  votes: fc.array(fc.record({ adviser: text, recommends: fc.constantFrom("A", "B", "C", "D") }), {
    maxLength: 12,
  }),
  acceptanceRate: share,
  taskCount: fc.nat(60),
});

/** Lists of up to 500; few random ones repeated are as long, and quicker to make. */
export const manyBriefs = fc
  .tuple(fc.array(anyBrief, { minLength: 1, maxLength: 4 }), fc.constantFrom(0, 1, 12, 500))
  .map(([few, count]) => Array.from({ length: count }, (_, index) => few[index % few.length] ?? brief({})));

export const anyDigestFacts: fc.Arbitrary<DigestFacts> = fc.record({
  kind: fc.constantFrom("daily" as const, "weekly" as const),
  since: moment,
  until: moment,
  decided: manyBriefs,
  decidedLately: manyBriefs,
  pending: manyBriefs,
  items: fc.record({
    new: fc.nat(1e6),
    tasks: fc.nat(1e6),
    notes: fc.nat(1e6),
    givenUp: fc.nat(1e6),
    unpaid: fc.nat(1e6),
  }),
  tasksDone: fc.option(fc.record({ count: fc.nat(100), isAtLeast: fc.boolean() })),
  spend: fc.record({ usd: fc.double({ min: 0, max: 1e6, noNaN: true }), calls: fc.nat(1e6) }),
  missed: fc.array(fc.constant("2026-11-20T08:00"), { maxLength: 400 }),
  health: fc.record({
    status: fc.constantFrom("healthy" as const, "degraded" as const, "unhealthy" as const),
    checks: fc.array(
      fc.record({
        name: text,
        status: fc.constantFrom("ok" as const, "degraded" as const, "down" as const, "unknown" as const),
        detail: text,
        checkedAt: fc.option(moment),
      }),
      { maxLength: 30 },
    ),
  }),
});
