/** Decisions as hostile as fast-check can make them: pings, links, right-to-left, emoji, broken and endless texts. */
import fc from "fast-check";
import type { Analysis } from "../../src/domain/analysis.ts";
import type { Approval, DecisionRecord, DecisionState, Draft, Question } from "../../src/domain/decision.ts";
import { OPTION_IDS, type Plan } from "../../src/domain/plan.ts";
import { analysis, decision } from "../fixtures/decision.ts";

export const HOSTILE = [
  "",
  " ",
  "<!channel> <!here> <@U123> <https://evil.example|click> & more",
  "Plain words",
  "``` *bold* _it_ ~s~ > quote",
  "مرحبا بالعالم \u202E reversed \u2067x",
  "👩‍👩‍👧‍👦🏳️‍🌈e\u0301",
  "\uD800 broken \uDC00",
  "\u0000\u0007null",
  "line\nline\r\nline",
  "x".repeat(20_000),
  "&<>".repeat(7_000),
  "👩‍👩‍👧‍👦".repeat(2_000),
  "مرحبا ".repeat(3_500),
  "word ".repeat(4_000),
];
export const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "grapheme", maxLength: 400 }));
const texts = fc.array(text, { maxLength: 12 });
const figure = fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom(Number.NaN, 1e9, 0.333333));

const anyPlan: fc.Arbitrary<Plan> = fc.record({
  recommendedOption: fc.constantFrom(...OPTION_IDS),
  options: fc
    .subarray([...OPTION_IDS])
    .chain((ids) =>
      fc.tuple(...ids.map((id) => fc.record({ id: fc.constant(id), title: text, summary: text }))),
    ),
  riskAssessment: text,
  resources: texts,
  tasks: texts,
});

const anyAdvice = fc.record({
  adviser: text,
  recommends: fc.constantFrom(...OPTION_IDS),
  rationale: text,
  scores: fc.array(
    fc.record({
      option: fc.constantFrom(...OPTION_IDS),
      risk: figure,
      impact: figure,
      verdict: text,
      pros: texts,
      cons: texts,
    }),
    { maxLength: 4 },
  ),
  veto: fc.option(fc.record({ option: fc.constantFrom(...OPTION_IDS), reason: text })),
});

export const anyAnalysis: fc.Arbitrary<Analysis> = fc.record({
  triage: fc.record({
    kind: fc.constant("strategic" as const),
    title: text,
    risk: fc.constantFrom("Low" as const, "High" as const),
    impact: figure,
    area: fc.option(text),
    concepts: fc.constant([]),
    adviser: text,
    rationale: text,
  }),
  frame: fc.record({ question: text, successCriteria: text, options: anyPlan.map((p) => p.options) }),
  advice: fc.array(anyAdvice, { maxLength: 5 }),
  missing: fc.array(fc.record({ adviser: text, reason: text }), { maxLength: 5 }),
  synthesis: fc.record({
    recommendedOption: fc.constantFrom(...OPTION_IDS),
    rationale: text,
    conflictPoints: texts,
    riskAssessment: text,
    requiredResources: texts,
    tasks: texts,
  }),
  disagreement: fc.record({
    level: fc.constantFrom("None" as const, "High" as const),
    score: figure,
    agree: texts,
    dissent: fc.array(fc.record({ adviser: text, recommends: fc.constantFrom(...OPTION_IDS) }), {
      maxLength: 8,
    }),
  }),
  calls: fc.constant(analysis.calls),
  costUsd: figure,
});

const anyPerson = fc.oneof(
  fc.record({ slackId: fc.option(fc.constant("U1")), name: text }),
  fc.record({
    slackId: fc.constant("U1"),
    name: text,
    for: fc.record({ slackId: fc.constant("U2"), name: text }),
  }),
);

const moment = fc.constantFrom("2026-11-21T12:00:00.000Z", "not a date");

const anyApproval: fc.Arbitrary<Approval> = fc.record(
  {
    by: anyPerson,
    at: moment,
    planHash: fc.constantFrom("one", "other"),
    voided: fc.record({ at: moment, why: text }),
  },
  { requiredKeys: ["by", "at", "planHash"] },
);

const anyDraft: fc.Arbitrary<Draft> = fc.record({
  plan: anyPlan,
  by: anyPerson,
  at: moment,
  reason: fc.option(text),
});

const anyQuestion: fc.Arbitrary<Question> = fc.record({
  id: fc.string(),
  text,
  by: anyPerson,
  at: moment,
  to: fc.oneof(fc.constant("requester" as const), fc.record({ adviser: text })),
  answer: fc.option(fc.record({ text, by: fc.oneof(anyPerson, text), at: moment })),
});

const anyOutcome = fc.record({
  verdict: fc.constantFrom(
    "approved" as const,
    "edited" as const,
    "rejected" as const,
    "expired" as const,
    "withdrawn" as const,
  ),
  by: anyPerson,
  at: fc.constantFrom("2026-11-21T12:00:00.000Z", "not a date"),
  reason: fc.option(text),
  final: fc.option(anyPlan),
  via: fc.constantFrom("slack" as const, "notion" as const, "timer" as const),
  selfApproved: fc.boolean(),
});

const anyState: fc.Arbitrary<DecisionState> = fc.oneof(
  fc.constant<DecisionState>({ kind: "pending" }),
  fc.record({ kind: fc.constant("undoable" as const), outcome: anyOutcome, until: moment }),
  anyOutcome.map((result): DecisionState => ({ kind: "recording", outcome: result })),
  fc.record({
    kind: fc.constant("recorded" as const),
    outcome: anyOutcome,
    recordedAt: fc.constant("2026-11-21T12:00:00.000Z"),
    taskCount: fc.nat(50),
    projectUrl: fc.option(fc.constantFrom("https://www.notion.so/p", "javascript:alert(1)", "<!channel>")),
    acceptanceRate: figure,
  }),
  fc.record({ kind: fc.constant("superseded" as const), by: fc.option(fc.string()), reason: text }),
);

const anyEarlier = fc.record({
  verdict: fc.constantFrom("approved" as const, "rejected" as const, "expired" as const),
  by: anyPerson,
  at: moment,
  cardUrl: fc.option(text),
  tasks: fc.array(text, { maxLength: 30 }),
  tasksUrl: fc.option(text),
});

export const anyDecision: fc.Arbitrary<DecisionRecord> = fc
  .record({
    title: text,
    analysis: anyAnalysis,
    proposal: anyPlan,
    requestedBy: fc.option(fc.oneof(text, fc.constant("U0LEE00001"))),
    state: anyState,
    approvals: fc.array(anyApproval, { maxLength: 8 }),
    draft: fc.option(anyDraft),
    questions: fc.array(anyQuestion, { maxLength: 6 }),
    reopening: fc.option(
      fc.record({ of: fc.string(), by: anyPerson, reason: text, at: moment, earlier: anyEarlier }),
    ),
    reopenedAs: fc.option(fc.record({ id: fc.string(), by: anyPerson, reason: text, at: moment })),
    pipeUrl: fc.constantFrom("https://www.notion.so/x", "https://evil.example/a|b>c", "x".repeat(9_000)),
    rev: fc.nat(),
  })
  .map((change) => decision(change));
