/** Whatever comes in by webhook: answered by name, counted once, started only when it is whole, never a fault of ours. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { SENDERS, type Sender } from "../../src/domain/webhook.ts";
import { awkwardText, FUZZ_PATIENCE_MS, fuzzed, garbled, junk } from "../fixtures/fuzz.ts";
import {
  alertmanagerMessage,
  GOOD,
  notionEvent,
  railwayEvent,
  type Signed,
  sentryIssue,
  sentryIssueAlert,
  sentryMetricAlert,
  signed,
} from "../fixtures/webhook-samples.ts";
import { send, startWebhooks, type WebhookSide } from "./webhook-side.ts";

let side: WebhookSide;

beforeAll(async () => {
  side = await startWebhooks();
});
afterAll(() => side.close());

/** Real messages, with Sentry's word for what they are about. */
const SAMPLES: [Sender, unknown, string?][] = [
  ...SENDERS.map((sender): [Sender, unknown] => [sender, GOOD[sender]]),
  ["inbox", { content: "Only a text", requested_by: "dana@acme.example", key: "form-1" }],
  ["notion", { verification_token: "secret_0123456789" }],
  ["notion", notionEvent({ type: "data_source.content_updated" })],
  ["alertmanager", alertmanagerMessage([{ status: "resolved" }, {}], { truncatedAlerts: 3 })],
  ["railway", railwayEvent("Deployment.crashed")],
  ["sentry", sentryIssueAlert({ level: "fatal" })],
  ["sentry", sentryIssue("resolved"), "issue"],
  ["sentry", sentryMetricAlert("critical"), "metric_alert"],
  ["sentry", sentryMetricAlert("resolved"), "metric_alert"],
];

const wholeOrNot = fc
  .constantFrom(...SAMPLES)
  .chain(([sender, sample, resource]) => garbled(sample).map((payload) => ({ sender, payload, resource })));
const anything = fc.record({
  sender: fc.constantFrom(...SENDERS),
  payload: fc.oneof(
    junk.map((any) => JSON.stringify(any)),
    fc.constantFrom("", "{", "[1,", "\uFEFF{}", "null", "1e999", '"\\ud800"', '{"a":1}{"b":2}'),
    awkwardText,
    fc.constant(null).map(() => `{"title":"${"x".repeat(4_300_000)}"}`),
    fc
      .integer({ min: 100, max: 20_000 })
      .map((levels) => `{"alerts":${"[".repeat(levels)}${"]".repeat(levels)}}`),
    fc
      .integer({ min: 100, max: 20_000 })
      .map((levels) => `${'{"data":'.repeat(levels)}1${"}".repeat(levels)}`),
  ),
  resource: fc.constant(undefined),
});

/** Something wrong with how it says who it is. */
const disguise = fc.option(
  fc.record({
    header: fc.constantFrom("x-api-key", "authorization", "x-notion-signature", "sentry-hook-signature"),
    value: fc.string({ unit: "grapheme-ascii", maxLength: 80 }).map((text) => text.trim()),
  }),
  { freq: 4 },
);
const headers = fc.record({
  "sentry-hook-timestamp": fc.constantFrom("", "-1", "1e99", "NaN", "1795255200", "99999999999999"),
  "idempotency-key": fc.constantFrom("a", "b".repeat(201), "with blank", "__proto__"),
});

const request = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: wholeOrNot }, anything), disguise, fc.option(headers, { freq: 3 }))
  .map(([{ sender, payload, resource }, wrong, more]): Signed & { sender: Sender } => {
    const sent = signed(sender, payload, resource);
    const said = { ...sent.headers, ...more, ...(wrong && { [wrong.header]: wrong.value }) };
    return { ...sent, sender, headers: said };
  });

const EXPECTED: Record<number, string[]> = {
  200: ["ignored"],
  202: ["accepted", "repeated"],
  400: ["invalid"],
  401: ["refused"],
  409: ["invalid"],
  413: ["invalid"],
};

describe("anything posted to a webhook", () => {
  it(
    "is answered with a reason, counted once, and starts work only when it says so",
    async () => {
      await fc.assert(
        fc.asyncProperty(request, async ({ sender, ...sent }) => {
          Object.assign(side.counted, { length: 0 });
          Object.assign(side.started, { length: 0 });
          const answer = await send(side, sent);
          const text = await answer.text();
          // Counted when the connection is done with the answer, which may be a moment after it is read here.
          await vi.waitFor(() => expect(side.counted).not.toEqual([]), { interval: 2, timeout: 15_000 });
          expect(side.faults).toEqual([]);
          expect(Object.keys(EXPECTED)).toContain(String(answer.status));
          expect(side.counted).toEqual([
            { sender, outcome: expect.toBeOneOf(EXPECTED[answer.status] ?? []) },
          ]);
          expect(text.length).toBeLessThan(1_500);
          if (answer.status !== 202) expect(side.started).toEqual([]);
          // What is started is kept by the store, which takes neither NUL nor half a surrogate pair.
          expect(JSON.stringify(side.started)).not.toMatch(/\\u0000|\\ud[89a-f]/);
          expect(JSON.stringify(side.started).length).toBeLessThan(600_000);
          expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
        }),
        fuzzed(100),
      );
    },
    FUZZ_PATIENCE_MS,
  );
});
