/** What questions, answers and the call for all three do to a decision, and how they look. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { advisers } from "../../src/agents/personas.ts";
import { synthesisPrompt } from "../../src/agents/synthesise.ts";
import { planOf } from "../../src/domain/analysis.ts";
import { type DecisionRecord, type Question, shownHash } from "../../src/domain/decision.ts";
import {
  advisersToAsk,
  answerQuestion,
  askQuestion,
  dialecticObstacle,
  type NewQuestion,
  slackRequester,
  THREE_ADVISERS,
  wantsDialectic,
} from "../../src/domain/talk.ts";
import { trainingSet } from "../../src/domain/training-examples.ts";
import {
  areBlocksTooLong,
  validateBlocks,
  validateView,
} from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems, viewProblems } from "../../src/slack/block-check.ts";
import { directQuestion, questionLines, talkMessage } from "../../src/slack/cards/question-card.ts";
import { answerView, questionView, readQuestion } from "../../src/slack/cards/question-view.ts";
import type { TalkNote } from "../../src/workflows/talk-ports.ts";
import { analysis, decision, outcome } from "../fixtures/decision.ts";
import { anyDecision, HOSTILE, text } from "./arbitrary-decision.ts";

const AT = "2026-11-21T10:00:00.000Z";
const dana = { slackId: "U0DANA0001", name: "Dana Reyes" };
const lee = { slackId: "U0LEE00001", name: "Lee Park" };
const asked: NewQuestion = { id: "q1", text: "Who pays?", by: dana, at: AT, to: "requester" };
const answer = { text: "Finance.", by: lee, at: AT };

function asking(known: DecisionRecord, ...questions: NewQuestion[]): DecisionRecord {
  let current = known;
  for (const question of questions) current = { ...current, ...askQuestion(current, question).patch };
  return current;
}

const closedStates: DecisionRecord["state"][] = [
  { kind: "undoable", outcome: outcome(), until: AT },
  { kind: "recording", outcome: outcome() },
  { kind: "superseded", by: "next", reason: "changed" },
];

describe("a question", () => {
  it("is noted once, however often the step is repeated", () => {
    const known = asking(decision(), asked);
    expect(known.questions).toEqual([{ ...asked, answer: null }]);
    expect(askQuestion(known, asked)).toEqual({ patch: null, result: { kind: "asked" } });
  });

  it.each(closedStates)("is refused when the decision is $kind", (state) => {
    expect(askQuestion(decision({ state }), asked).patch).toBeNull();
    const open = asking(decision(), asked);
    expect(answerQuestion({ ...open, state }, "q1", answer).patch).toBeNull();
  });

  it("is refused when its time is over, although nobody has closed it yet", () => {
    const late = { ...asked, at: "2026-11-27T09:00:00.000Z" };
    expect(askQuestion(decision(), late).result.kind).toBe("too-late");
    expect(askQuestion(decision({ expiresAt: null }), late).result.kind).toBe("asked");
    expect(dialecticObstacle(decision(), late.at)?.kind).toBe("too-late");
  });

  it("does not change what a click is bound to, but its answer does", () => {
    const known = asking(decision(), asked);
    expect(shownHash(known)).toBe(shownHash(decision()));
    const { patch } = answerQuestion(known, "q1", answer);
    expect(shownHash({ ...known, ...patch })).not.toBe(shownHash(known));
  });

  it("is answered by the first; a repeated step is no second answer", () => {
    const known = asking(decision(), asked, { ...asked, id: "q2" });
    const answered = { ...known, ...answerQuestion(known, "q1", answer).patch };
    expect(answered.questions.map((one) => one.answer?.text ?? null)).toEqual(["Finance.", null]);
    const again = answerQuestion(answered, "q1", { ...answer, at: "2026-11-21T11:00:00.000Z" });
    expect(again).toEqual({ patch: null, result: { kind: "answered" } });
    const other = answerQuestion(answered, "q1", { ...answer, by: dana });
    expect(other.patch).toBeNull();
    expect(other.result.kind).toBe("already-answered");
    expect(answerQuestion(known, "q9", answer).result.kind).toBe("no-question");
  });

  it("finds an end: a card that nobody can read informs nobody", () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ ...asked, id: `q${n}` }));
    const known = asking(decision(), ...many);
    expect(known.questions).toHaveLength(20);
    expect(askQuestion(known, { ...asked, id: "more" }).result).toEqual({ kind: "too-many", most: 20 });
  });

  it("goes to those who spoke, to the others of the three, and to people whom Slack knows", () => {
    expect([...THREE_ADVISERS]).toEqual(advisers([]).map(({ name }) => name));
    const [first] = analysis.advice;
    const alone = first ? [{ ...first, adviser: "The Lawyer" }] : [];
    expect(advisersToAsk({ advice: alone })).toEqual(["The Lawyer", ...THREE_ADVISERS]);
    expect(slackRequester({ requestedBy: "Ann of the form" })).toBeNull();
    expect(slackRequester({ requestedBy: "U0LEE00001" })).toBe("U0LEE00001");
  });
});

describe("all three", () => {
  it("are asked when somebody was not heard, and not when all were", () => {
    expect(dialecticObstacle(decision(), AT)).toBeNull();
    const [one] = analysis.advice;
    const advice = one ? [one, one, one] : [];
    const complete = decision({ analysis: { ...analysis, advice, missing: [] } });
    expect(dialecticObstacle(complete, AT)).toEqual({ kind: "all-heard" });
    expect(dialecticObstacle(null, AT)).toEqual({ kind: "not-found" });
  });

  it("are wanted for items that were captured so, and for no others", () => {
    expect(wantsDialectic({ key: "capture:slack-dialectic:1.2" })).toBe(true);
    for (const key of ["capture:slack-add:1.2", "x capture:slack-dialectic:1"])
      expect(wantsDialectic({ key })).toBe(false);
    expect(wantsDialectic({})).toBe(false);
  });
});

const anyNote: fc.Arbitrary<TalkNote> = fc.tuple(anyDecision, text).map(([any, words]) => {
  const question: Question = any.questions[0] ?? { ...asked, text: words, answer: null };
  const by = { slackId: "U1", name: words };
  const notes: TalkNote[] = [
    { kind: "asked", question },
    { kind: "answered", question, answer: { text: words, by: words, at: AT }, isLate: words.length > 9 },
    { kind: "not-answered", question, reason: words, attempt: 1 },
    { kind: "dialectic-began", by },
    { kind: "dialectic-failed", by, reason: words },
    { kind: "dialectic-dropped", by, reason: words },
  ];
  return notes[words.length % notes.length] ?? { kind: "dialectic-began", by };
});

describe("what a model learns from", () => {
  it("is the prompt with the answers that the advisers knew", () => {
    const { triage, frame, advice, synthesis } = analysis;
    const answered = [{ question: "Who pays?", askedBy: "Dana", answer: "Finance.", answeredBy: "Lee" }];
    const proposal = JSON.stringify(planOf(frame, synthesis));
    const item = { id: "i", url: "", title: "t", content: "c", source: "", requestedBy: null, createdAt: AT };
    const row = {
      ...{
        id: "r",
        decisionId: "d",
        intentId: "n",
        outcome: "approved",
        decidedAt: AT,
        reason: "",
        model: "m",
      },
      ...{ originalPlan: proposal, finalPlan: proposal },
      source: { item, analysis: JSON.stringify({ triage, frame, advice, synthesis, answered }) },
    };
    const { examples, leftOut } = trainingSet([row], synthesisPrompt);
    expect(leftOut).toEqual([]);
    expect(JSON.stringify(examples)).toContain("Answered by Lee: Finance.");
  });
});

describe("whatever people and models write", () => {
  test("gives messages that Slack accepts and that call nobody but whom they are for", () => {
    fc.assert(
      fc.property(anyDecision, anyNote, (any, note) => {
        const messages = [talkMessage(any, note)];
        if (note.kind === "asked") messages.push(directQuestion(any, note.question));
        for (const message of messages) {
          expect(messageProblems(message)).toEqual([]);
          expect(validateBlocks(message.blocks, "message")).toEqual([]);
          expect(areBlocksTooLong(message.blocks)).toBe(false);
          expect(mrkdwnIn(message)).not.toMatch(/<!(channel|here|everyone)|<@U123>|<https:\/\/evil/);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("gives forms that Slack accepts", () => {
    fc.assert(
      fc.property(anyDecision, text, (any, words) => {
        const question = any.questions[0] ?? { ...asked, text: words, answer: null };
        for (const view of [questionView({ decision: any, requester: words }), answerView(any, question)]) {
          expect(viewProblems(view)).toEqual([]);
          expect(validateView(view)).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("shows the latest three questions on the card and counts the others", () => {
    const many = HOSTILE.slice(0, 5).map((words, n) => ({ ...asked, id: `q${n}`, text: `${n} ${words}` }));
    const lines = questionLines(asking(decision(), ...many), "under Details") ?? "";
    expect(lines).toContain("2 earlier questions");
    expect(lines.match(/No answer yet/g)).toHaveLength(3);
    expect(questionLines(decision(), "")).toBeNull();
  });
});

function mrkdwnIn(message: { text: string; blocks: unknown }): string {
  const texts = (value: unknown): string[] => {
    if (typeof value !== "object" || value === null) return [];
    if ("type" in value && value.type === "mrkdwn" && "text" in value) return [String(value.text)];
    return Object.values(value).flatMap(texts);
  };
  return [message.text, ...texts(message.blocks)].join("\n");
}

describe("the submitted question", () => {
  const values = (typed: string, to: string | null) => ({
    question_text: { text: { value: typed } },
    question_to: { to: { selected_option: to === null ? null : { value: to } } },
  });

  it("names its field when something is missing, and believes no foreign choice", () => {
    expect(readQuestion(values("  ", "requester"), decision())).toMatchObject({ block: "question_text" });
    for (const to of [null, "The Quant", "everybody"])
      expect(readQuestion(values("Why?", to), decision())).toMatchObject({ block: "question_to" });
    const typedInNotion = decision({ requestedBy: null });
    expect(readQuestion(values("Why?", "requester"), typedInNotion)).toMatchObject({ block: "question_to" });
    expect(readQuestion(values(" Why? ", "requester"), decision())).toEqual({
      text: "Why?",
      to: "requester",
    });
  });
});
