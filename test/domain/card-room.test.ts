/** A card on which everything is that can be: long advice, questions, a draft, votes and a decision before it. */
import { expect, test } from "vitest";
import { type DecisionRecord, type Outcome, planHash } from "../../src/domain/decision.ts";
import { OPTION_IDS } from "../../src/domain/plan.ts";
import { messageProblems } from "../../src/slack/block-check.ts";
import { decisionCard } from "../../src/slack/cards/decision-card.ts";
import { analysis, decision } from "../fixtures/decision.ts";

const long = "word ".repeat(400);
const lists = Array.from({ length: 12 }, () => long);
const at = "2026-11-21T12:00:00.000Z";
const by = { slackId: "U0DANA0001", name: long, for: { slackId: "U0SAM00001", name: long } };
const options = OPTION_IDS.map((id) => ({ id, title: long, summary: long }));
const plan = {
  ...{ recommendedOption: "A" as const, options, riskAssessment: long, resources: lists, tasks: lists },
};
const advice = [1, 2, 3, 4].map((n) => ({
  ...{ adviser: `${n} ${long}`, recommends: "B" as const, rationale: long },
  scores: OPTION_IDS.map((option) => ({
    ...{ option, risk: 3.3, impact: 4.4, verdict: long, pros: lists, cons: lists },
  })),
  veto: { option: "A" as const, reason: long },
}));
const answer = { text: long, by, at };
const ASKED = ["q1", "q2", "q3", "q4"].map((id) => ({
  ...{ id, text: long, by, at, to: { adviser: long }, answer },
}));

function fullCard(): DecisionRecord {
  const earlier = { verdict: "edited" as const, by, at, cardUrl: `https://acme.slack.com/${"c".repeat(80)}` };
  const full = decision({
    ...{ title: long, proposal: plan, questions: ASKED, requestedBy: "U0LEE00001" },
    analysis: {
      ...analysis,
      frame: { question: long, successCriteria: long, options },
      ...{ advice, missing: [1, 2, 3, 4].map(() => ({ adviser: long, reason: long })) },
      synthesis: { ...analysis.synthesis, rationale: long, conflictPoints: lists },
      disagreement: {
        ...{ level: "High", score: 3, agree: lists },
        dissent: lists.map((adviser) => ({ adviser, recommends: "B" as const })),
      },
    },
    draft: { plan: { ...plan, recommendedOption: "B" }, by, at, reason: long },
    reopening: {
      ...{ of: "pipe-0", by, at, reason: long },
      earlier: { ...earlier, tasks: lists, tasksUrl: `https://www.notion.so/${"t".repeat(80)}` },
    },
    escalation: { at, to: lists.map((_, n) => `U0ESCALAT${n}`) },
    pipeUrl: `https://www.notion.so/${"p".repeat(150)}`,
    intentUrl: `https://www.notion.so/${"i".repeat(150)}`,
  });
  const voided = { by, at, planHash: "before", voided: { at, why: long } };
  return { ...full, approvals: [{ by, at, planHash: planHash(full) }, voided, voided, voided, voided] };
}

const OUTCOME: Outcome = {
  ...{ verdict: "edited", by, at, reason: long, via: "slack", selfApproved: true },
  final: { ...plan, recommendedOption: "B" },
};

test.each<DecisionRecord["state"]>([
  { kind: "pending" },
  { kind: "undoable", outcome: OUTCOME, until: at },
  { kind: "recording", outcome: OUTCOME, problem: long },
])("is taken by Slack when it is $kind, with every option and task that it would show", (state) => {
  const votes = { needed: 2, who: lists.map((_, n) => `U0PERSON${n}`) };
  const message = decisionCard(
    { ...fullCard(), state },
    { votes, notice: "Not where it belongs. ".repeat(6) },
  );
  expect(messageProblems(message)).toEqual([]);
  const words = JSON.stringify(message.blocks);
  for (const id of OPTION_IDS) expect(words).toContain(`*${id}. word word`);
  expect(words.match(/• word/g)?.length).toBeGreaterThanOrEqual(10);
  expect(words).toContain("*Asked*");
  expect(words).toContain("*Veto* by 4 word");
  expect(words).toContain("… (whole text under Details)");
});

test("of usual size keeps all its lines", () => {
  expect(JSON.stringify(decisionCard(decision()).blocks)).not.toContain("… (whole text");
});
