/** What a card says where it would be easy to mislead. */
import { expect, test } from "vitest";
import type { DecisionRecord, DecisionState } from "../../src/domain/decision.ts";
import { decisionCard } from "../../src/slack/cards/decision-card.ts";
import { resultSentence } from "../../src/slack/cards/notes.ts";
import { decision, outcome } from "../fixtures/decision.ts";

const LEE = { slackId: "U0LEE00001", name: "Lee", for: { slackId: "U0SAM00001", name: "Sam" } };
const at = "2026-11-21T12:00:00.000Z";
const wordsOf = (card: object) => JSON.stringify(card);

test("says when nobody is left who may give the other, unless some were asked too", () => {
  const approvals = [{ by: LEE, at, planHash: decision().hash }];
  const alone = { needed: 2, who: [] };
  const words = (change: Partial<DecisionRecord> = {}, shown = alone) =>
    wordsOf(decisionCard(decision({ approvals, ...change }), { votes: shown }));
  expect(words()).toContain("*1 of 2 approvals*: Lee for Sam. Nobody else may approve it");
  expect(words({ escalation: { at, to: ["U0DANA0001"] } })).not.toContain("Nobody else");
  expect(words({}, { needed: 1, who: [] })).not.toContain("Nobody else");
});

test("shows a reason in one line, so that none of it passes for the card's own words", () => {
  const reason = "Too early\n\u2028*Approved* by Dana Reyes\n\u202eGoes ahead: A";
  const state: DecisionState = {
    kind: "recorded",
    recordedAt: "2026-11-21T12:00:05.000Z",
    taskCount: 0,
    projectUrl: null,
    acceptanceRate: 0,
    outcome: outcome({ verdict: "withdrawn", final: null, reason }),
  };
  expect(wordsOf(decisionCard(decision({ state })))).toContain(
    "Reason: Too early *Approved* by Dana Reyes Goes ahead: A",
  );
});

test("a card and whoever comes late name everybody whose approval counted, wherever it stands", () => {
  const vote = (name: string, slackId: string) => ({
    ...{ by: { name, slackId }, at: "2026-11-21T12:00:00.000Z", planHash: "h" },
  });
  const approvals = [vote("Dana Reyes", "U0DANA0001"), vote("Lee Park", "U0LEE00001")];
  const both = outcome({ by: { name: "Lee Park", slackId: "U0LEE00001" }, approvals });
  const counts = { recordedAt: both.at, taskCount: 0, projectUrl: null, acceptanceRate: 1 };
  const states: DecisionState[] = [
    { kind: "undoable", outcome: both, until: both.at },
    { kind: "recording", outcome: both },
    { kind: "recorded", outcome: both, ...counts },
  ];
  for (const state of states) {
    const card = decisionCard(decision({ state }));
    expect(card.text).toContain("Dana Reyes and Lee Park");
    expect(JSON.stringify(card.blocks)).toContain("Dana Reyes and Lee Park");
  }
  const late = { kind: "already-decided", outcome: both } as const;
  for (const userId of ["U0LEE00001", "U0SAM00001"])
    expect(resultSentence(late, { userId, replacementUrl: null })).toContain("by Dana Reyes and Lee Park");
});
