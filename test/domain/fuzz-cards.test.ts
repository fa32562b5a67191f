/** What the bot says beside its decisions, with hostile and endless words in every place where words of others go. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Maintenance } from "../../src/domain/maintenance.ts";
import type { RollbackState } from "../../src/domain/rollback.ts";
import {
  areBlocksTooLong,
  validateBlocks,
  validateView,
} from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems, viewProblems } from "../../src/slack/block-check.ts";
import { deedSentence } from "../../src/slack/cards/alert-notes.ts";
import { type Home, type Message, type Modal, textMessage } from "../../src/slack/cards/blocks.ts";
import { addedText, alreadyText, closedText, failedText } from "../../src/slack/cards/capture-notes.ts";
import { captureView } from "../../src/slack/cards/capture-view.ts";
import { deadLetterCard } from "../../src/slack/cards/dead-letter-card.ts";
import { deploymentsMessage } from "../../src/slack/cards/deployments.ts";
import { exportFailed } from "../../src/slack/cards/export.ts";
import { unknownText } from "../../src/slack/cards/help.ts";
import { unknownIncidentWord } from "../../src/slack/cards/incident-answers.ts";
import {
  maintenanceBegun,
  maintenanceCard,
  maintenanceEnded,
  maintenanceProblem,
  maintenanceStatus,
} from "../../src/slack/cards/maintenance-card.ts";
import { lostSentence, refusalSentence, resultSentence } from "../../src/slack/cards/notes.ts";
import {
  alreadyPaused,
  notWhilePaused,
  nowPaused,
  pollFailed,
  pollResult,
  pollStandingText,
  stillHeld,
} from "../../src/slack/cards/poll.ts";
import { busySentence, rollbackCard, rollbackEndNote } from "../../src/slack/cards/rollback-card.ts";
import { refusedTarget, rollbackStatusMessage } from "../../src/slack/cards/rollback-status.ts";
import { rollbackView } from "../../src/slack/cards/rollback-view.ts";
import { threadLine } from "../../src/slack/cards/thread-lines.ts";
import { outcome } from "../fixtures/decision.ts";
import { commit, deployment, deploymentList, rollbackOf } from "../fixtures/deployments.ts";
import { FUZZ_PATIENCE_MS, fuzzed } from "../fixtures/fuzz.ts";
import { text } from "./arbitrary-decision.ts";

const AT = "2026-11-21T12:00:00.000Z";
const NOW = new Date(AT);

/** Words of others, one after the other. */
type Words = () => string;
type Said = string | Message | Modal | Home;

const dana = (words: Words) => ({ slackId: "U0DANA0001", name: words() });
const pause = (words: Words) => ({ by: words(), since: AT, reason: words(), until: null });
const run = (words: Words) => ({ pageId: words(), attempt: 1, state: "failed" as const, reason: words() });
const report = (words: Words) => ({
  ...{ found: 900, started: 40, swept: 2, runs: [] },
  waiting: Array.from({ length: 30 }, () => ({ count: 3, reason: words() })),
});
const failure = (words: Words) => ({ code: "notion_invalid" as const, message: words(), retryable: true });
const shipped = (words: Words) =>
  deployment({
    commit: { ...commit(words(), words()), author: words(), branch: words(), repo: words() },
    ...{ status: words(), image: words(), address: words(), page: words() },
  });
const ships = (words: Words) => deploymentList({ list: Array.from({ length: 25 }, () => shipped(words)) });
const state = (words: Words): RollbackState[] => [
  { kind: "asked", accepted: false, note: words() },
  { kind: "ended", result: "failed", reason: words(), at: AT, deploymentId: null },
];
const rollbacks = (words: Words) =>
  state(words).map((one) => rollbackOf({ target: shipped(words), by: dana(words), state: one }));
const maintenance = (words: Words): Maintenance => ({
  ...{ id: "m1", by: dana(words), reason: words(), startedAt: AT, endsAt: AT },
  ...{ ended: { at: AT, by: dana(words) }, card: null, rev: 1, cardRev: 0 },
});
const captured = (words: Words) => ({ by: words(), at: words(), title: words(), pageId: words() });
const said = (words: Words) => ({
  ...{ message: { channel: "C1", ts: "1.1" }, rootTs: "1.1" },
  ...{ author: words(), place: words(), permalink: words() },
});

const SPOKEN: Record<string, (words: Words) => Said[]> = {
  polls: (words) => [
    pollResult({
      report: report(words),
      outcomes: Array.from({ length: 60 }, () => run(words)),
      decisionsChannel: "C1",
    }),
    pollFailed(failure(words)),
    ...[nowPaused, alreadyPaused, notWhilePaused].map((say) => say(pause(words))),
    stillHeld(true, pause(words)),
    pollStandingText(
      {
        ...{ active: true, intervalSeconds: 120, lastSuccessAt: null, atWork: 2, backlog: null },
        ...{ lastFailure: { at: AT, reason: words() }, pause: pause(words) },
      },
      NOW,
    ),
  ],
  captures: (words) => [
    addedText({ title: words(), held: pause(words), decisionsChannel: "C1", tellIn: "thread" }),
    alreadyText(captured(words), "U1"),
    closedText("C1"),
    failedText(words()),
    captureView({ text: words(), said: said(words) }),
  ],
  deployments: (words) => [
    deploymentsMessage(ships(words)),
    ...rollbacks(words).flatMap((one) => [
      rollbackCard(one),
      rollbackEndNote(one) || "–",
      busySentence(one),
      rollbackStatusMessage({ deployments: ships(words), plan: "hobby", latest: one }),
    ]),
    rollbackView({ target: shipped(words), live: shipped(words), plan: "hobby", alertsChannel: "C1" }),
    refusedTarget(words(), { kind: "not-found" }),
  ],
  maintenance: (words) => [
    maintenanceCard(maintenance(words)),
    maintenanceStatus(maintenance(words), NOW),
    maintenanceBegun({ maintenance: maintenance(words), isNew: true }),
    maintenanceEnded(maintenance(words)),
    maintenanceProblem(words()),
  ],
  notes: (words) => [
    refusalSentence(
      { kind: "not-listed" },
      {
        right: { deed: "decide", holders: "Approvers", setting: "SLACK_APPROVERS" },
        allowed: Array.from({ length: 200 }, words),
      },
    ),
    resultSentence(
      { kind: "already-decided", outcome: outcome({ by: dana(words), reason: words() }) },
      { userId: "U1", replacementUrl: words() },
    ) ?? "–",
    resultSentence(
      { kind: "stale", replacement: words(), reason: words() },
      { userId: "U1", replacementUrl: words() },
    ) ?? "–",
  ],
  votes: (words) => [
    resultSentence(
      { kind: "votes-unchecked", by: dana(words), why: words(), isPassing: true },
      { userId: "U1", replacementUrl: null },
    ) ?? "–",
    threadLine({ kind: "vote-lost", by: dana(words), why: words() }),
    threadLine({
      ...{ kind: "vote-lost", by: dana(words) },
      why: lostSentence(words(), { kind: "not-listed" }, { deed: "decide", holders: "", setting: "S" }),
    }),
  ],
  rest: (words) => [
    unknownText(words()),
    unknownIncidentWord(words()),
    exportFailed(failure(words)),
    deedSentence({ kind: "not-found" }, { kind: "resolve" }, { isList: false }) ?? "–",
    ...(["open", "retried"] as const).map((kind) =>
      deadLetterCard({
        ...{
          itemId: "i",
          itemUrl: words(),
          title: words(),
          reason: words(),
          attempts: 3,
          failedAt: AT,
          card: null,
        },
        state: kind === "open" ? { kind } : { kind, by: dana(words), at: AT },
      }),
    ),
  ],
};

describe("whatever the words of others are", () => {
  test.each(Object.entries(SPOKEN))(
    "what is said of %s is accepted by Slack and pings nobody",
    (_, speak) => {
      fc.assert(
        fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
          let next = 0;
          const words = () => {
            next += 1;
            return texts[next % texts.length] ?? "";
          };
          for (const one of speak(words)) expectAccepted(one);
        }),
        fuzzed(12),
      );
    },
    FUZZ_PATIENCE_MS,
  );
});

function expectAccepted(spoken: Said): void {
  const shown = typeof spoken === "string" ? textMessage(spoken) : spoken;
  if ("text" in shown) {
    expect(messageProblems(shown)).toEqual([]);
    expect(validateBlocks(shown.blocks, "message")).toEqual([]);
    expect(areBlocksTooLong(shown.blocks)).toBe(false);
  } else {
    expect(viewProblems(shown)).toEqual([]);
    expect(validateView(shown)).toEqual([]);
  }
  const read = ["text" in shown ? shown.text : "", ...parsedTexts(shown.blocks)].join("\n");
  expect(read).not.toMatch(/<!(channel|here|everyone)|<@U123>|<https:\/\/evil\.example/);
}

/** Texts in which Slack looks for mentions and links; plain_text is shown as it is. */
function parsedTexts(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  if ("type" in value && value.type === "mrkdwn" && "text" in value) return [String(value.text)];
  return Object.values(value).flatMap(parsedTexts);
}
