/** What operators read: within Slack's limits and inert, whatever vendors and people wrote. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Check } from "../../src/domain/health.ts";
import { messageProblems } from "../../src/slack/block-check.ts";
import { textMessage } from "../../src/slack/cards/blocks.ts";
import { healthLine, healthMessage } from "../../src/slack/cards/health.ts";
import { pausedLine, pollFailed, pollResult } from "../../src/slack/cards/poll.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const hostile = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 400 }),
  fc.constantFrom(
    "<!channel> <@U1> <https://evil.example|x>",
    "x".repeat(20_000),
    "&<>`*_~\n\n",
    "🧨".repeat(6_000),
  ),
);
const status = fc.constantFrom("ok", "degraded", "down", "unknown");
const moment = fc.constantFrom(null, "2026-11-21T11:59:50.000Z", "2026-11-20T12:00:00.000Z");
const check = fc.record({
  name: fc.stringMatching(/^[a-z_]{1,30}$/),
  status,
  detail: hostile,
  checkedAt: moment,
});

/** Slack acts on what stands in < > : only moments and links to pages may. */
const acts = (text: string) =>
  text.replaceAll(/<(!date\^|https:\/\/app\.notion\.com\/p\/|#C1>)/g, "").match(/<[!@#h]/g);

describe("health in Slack", () => {
  it("can always be sent, and nobody's text acts in it", () => {
    fc.assert(
      fc.property(fc.array(check, { maxLength: 40 }), (checks) => {
        const message = healthMessage({ status: "degraded", checks }, NOW, "Looking again…");
        expect(messageProblems(message)).toEqual([]);
        expect(acts(JSON.stringify(message.blocks) + message.text)).toBeNull();
        expect(messageProblems(textMessage(healthLine({ status: "unhealthy", checks })))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  const found = (name: string, state: Check["status"], detail: string, partOf?: string): Check => ({
    ...{ name, status: state, detail, checkedAt: NOW.toISOString() },
    ...(partOf ? { partOf } : {}),
  });

  it("shows the worst first, the sick parts instead of their sum, and says once what all ail from", () => {
    const some = [
      found("store", "ok", "PostgreSQL answers"),
      found("notion", "down", "1 of 2: Tasks is gone."),
      found("notion_tasks", "down", "Tasks is gone.", "notion"),
      found("notion_areas", "ok", "Reachable.", "notion"),
      found("process", "ok", "this answer comes from version 1"),
      found("poller", "degraded", "paused since 2026-11-21T11:00:00.000Z"),
    ];
    const lines = healthMessage({ status: "unhealthy", checks: some }, NOW).text.split("\n");
    expect(lines).toEqual([
      "*Unhealthy: something I cannot do without is down.*",
      "• Down: *notion tasks*. Tasks is gone.",
      expect.stringMatching(
        /^• Needs attention: \*poller\*\. Paused since <!date\^\d+\^.*2026-11-21 11:00 UTC>\.$/,
      ),
      "• OK: *store*. PostgreSQL answers.",
      "• OK: *process*. This answer comes from version 1.",
    ]);
    const outage = [
      found("notion", "down", "503."),
      found("notion_tasks", "down", "503.", "notion"),
      found("notion_areas", "down", "503.", "notion"),
    ];
    expect(healthMessage({ status: "unhealthy", checks: outage }, NOW).text).toContain(
      "\n• Down: *notion*. 503.",
    );
    expect(healthLine({ status: "unhealthy", checks: outage })).toContain(
      "is down. notion (down). `/emm health`",
    );
  });

  it("says how old a finding is that is not of this minute", () => {
    const old = { ...found("claude", "ok", "fine"), checkedAt: "2026-11-21T11:58:00.000Z" };
    expect(healthMessage({ status: "healthy", checks: [old] }, NOW).text).toContain("(seen <!date^");
    expect(
      healthMessage({ status: "healthy", checks: [found("claude", "ok", "fine")] }, NOW).text,
    ).not.toContain("seen");
  });
});

describe("polls in Slack", () => {
  const outcome = fc.record({
    pageId: fc.uuid(),
    attempt: fc.constant(1),
    state: fc.constantFrom("at-work", "done", "failed", "given-up", "waiting"),
    reason: fc.option(hostile),
  });
  it("can always be told, and nobody's text acts in it", () => {
    fc.assert(
      fc.property(
        fc.array(outcome, { maxLength: 60 }),
        fc.array(hostile, { maxLength: 20 }),
        hostile,
        (outcomes, reasons, by) => {
          const waiting = reasons.map((reason) => ({ count: 2, reason }));
          const report = { found: 99, started: outcomes.length, runs: outcomes, waiting, swept: 3 };
          const texts = [
            pollResult({ report, outcomes, decisionsChannel: "C1" }),
            pollFailed({ code: "notion_invalid", message: by, retryable: false }),
            pausedLine({ by, since: NOW.toISOString(), reason: by, until: null }),
          ];
          for (const text of texts) {
            expect(messageProblems(textMessage(text))).toEqual([]);
            expect(acts(text)).toBeNull();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
