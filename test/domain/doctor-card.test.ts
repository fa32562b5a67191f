/** `/emm doctor` in words. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { validateBlocks } from "../../src/sandbox/slack/blocks/validate-blocks.ts";
import { messageProblems } from "../../src/slack/block-check.ts";
import { doctorMessage } from "../../src/slack/cards/doctor.ts";
import type { Diagnosis } from "../../src/slack/doctor-ports.ts";
import { text } from "./arbitrary-decision.ts";

const found = (change: Partial<Diagnosis>): Diagnosis => ({
  ...{ area: "Slack", subject: "SLACK_APPROVERS", mark: "ok", detail: "Dana Reyes", fix: null },
  ...change,
});

test("says what is wrong before what is not meant and what is not proven, each with its fix, and counts the rest", () => {
  const { text: head, blocks } = doctorMessage(
    [
      found({ mark: "unproven", area: "Webhooks", subject: "/webhooks/sentry", detail: "nothing came" }),
      found({ mark: "warning", area: "Settings", subject: "note", detail: "the store is embedded" }),
      found({ mark: "problem", detail: "U0X is nobody in this workspace", fix: "take U0X out" }),
      found({}),
      found({ area: "Notion" }),
      found({ area: "Notion" }),
    ],
    ["Version 1.2.3", "Node v20"],
  );
  expect(head).toBe("🔴 1 problem, 1 warning, 1 thing not proven");
  const words = JSON.stringify(blocks);
  const order = ["*Wrong*", "*Slack: SLACK_APPROVERS*. U0X is nobody", "→ Take U0X out.", "*Worth a look*"];
  order.push(
    "*Not proven*",
    "*Webhooks: /webhooks/sentry*. Nothing came.",
    "Fine: Slack 1, Notion 2",
    "Node v20",
  );
  const places = order.map((each) => words.indexOf(each));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test("is green only when nothing is wrong, odd or unproven", () => {
  expect(doctorMessage([found({})], []).text).toBe("🟢 Everything is set up and was seen to work");
  expect(doctorMessage([found({ mark: "unproven" })], []).text).toBe("🟠 1 thing not proven");
});

test("shows as much as one message holds of a set-up in which everything is wrong, and counts the rest", () => {
  const long = { area: "A".repeat(40), detail: "word ".repeat(100), fix: "mend it ".repeat(60) };
  const marks = ["problem", "warning", "unproven"] as const;
  const list = marks.flatMap((mark) =>
    Array.from({ length: 8 }, (_, n) => found({ ...long, mark, subject: `S${n}` })),
  );
  const message = doctorMessage(list, ["v".repeat(120), "n".repeat(120), "m".repeat(120)]);
  expect(messageProblems(message)).toEqual([]);
  const words = JSON.stringify(message.blocks);
  const lines = words.match(/• \*/g)?.length ?? 0;
  expect(lines).toBeGreaterThan(8);
  expect(words).toContain(`… and ${list.length - lines} more:`);
});

test("is accepted by Slack and pings nobody, however much was found", () => {
  const any = fc.record({
    ...{ area: text, subject: text, detail: text, fix: fc.option(text) },
    mark: fc.constantFrom<Diagnosis["mark"]>("problem", "warning", "unproven", "ok"),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 60 }), (list) => {
      const message = doctorMessage(list, ["Version 1"]);
      expect(messageProblems(message)).toEqual([]);
      expect(validateBlocks(message.blocks, "message")).toEqual([]);
      expect(JSON.stringify(message.blocks)).not.toMatch(/<!(channel|here)|<@U123>/);
    }),
    { numRuns: 40 },
  );
});
