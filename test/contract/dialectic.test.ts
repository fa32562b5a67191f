/** All three advisers speak while people go on deciding, on the real store and engine. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DecisionRecord, type Person, shownHash } from "../../src/domain/decision.ts";
import { decide } from "../../src/domain/decision-machine.ts";
import { planToContent } from "../../src/domain/plan.ts";
import { createLog } from "../../src/log.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createAuditTrail, createSettings } from "../../src/store/ledgers.ts";
import type { Store } from "../../src/store/store.ts";
import type { CardWorkflows } from "../../src/workflows/cards.ts";
import type { WorkflowDeps } from "../../src/workflows/deps.ts";
import { registerDialectic } from "../../src/workflows/dialectic.ts";
import { createEngine, type Engine } from "../../src/workflows/engine.ts";
import { analysis, decision, plan } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const DANA: Person = { slackId: "U0DANA0001", name: "Dana Reyes" };
const SAM: Person = { slackId: "U0SAM00001", name: "Sam" };

let store: Store;
let engine: Engine;
let dialectic: ReturnType<typeof registerDialectic>;
let decisions: ReturnType<typeof createDecisionStore>;
const said: string[] = [];
/** The advisers wait with their answer. */
let speak: () => void = () => {};
const silence = new Promise<void>((resolve) => (speak = resolve));

beforeAll(async () => {
  store = await openOwnStore();
  engine = createEngine({ store, log: createLog({ level: "CRITICAL", json: true }) });
  decisions = createDecisionStore(store.db);
  const ok = (value: object) => ({ kind: "ok", value, calls: [] });
  const deps = {
    books: { decisions, audit: createAuditTrail(store.db), settings: createSettings(store.db) },
    notion: {
      catalogue: { advisers: async () => [] },
      inbox: { read: async () => ({}) },
      decisions: { readPipe: async () => ({ content: planToContent(decision().title, plan) }) },
    },
    counsel: {
      advisers: () => [{ name: "The Quant", pageId: null }],
      advise: async () => ok(analysis.advice[1] ?? {}),
      synthesise: async () => {
        await silence;
        return ok(analysis.synthesis);
      },
    },
    meter: { advised: () => {}, dialecticEnded: () => {} },
    pause: { state: async () => null },
    exclusive: store.exclusive,
    now: () => new Date(),
  } as unknown as WorkflowDeps;
  dialectic = registerDialectic(deps, {} as CardWorkflows, async (_key, _id, { kind }) => said.push(kind));
  await engine.launch();
});

afterAll(async () => {
  await engine.shutdown(1_000);
  await store.close();
});

it("a plan that somebody changes on the card meanwhile stays, with their vote; what the advisers said is dropped", async () => {
  const fresh: DecisionRecord = decision({ expiresAt: null });
  await decisions.insert(fresh);
  expect(await dialectic.start({ decisionId: fresh.id, by: SAM })).toEqual({ kind: "started" });
  await expect.poll(() => said).toEqual(["dialectic-began"]);
  const rules = { selfApproval: "warn", approvalsRequiredHigh: 2, undoSeconds: 0 } as const;
  await decisions.evolve(fresh.id, (known) => {
    const { riskAssessment, resources } = plan;
    const edits = { option: "B" as const, riskAssessment, resources, tasks: ["Only this"] };
    const choice = { kind: "edit", edits, reason: "Too much." } as const;
    const click = { decisionId: known.id, hash: shownHash(known), choice, by: DANA };
    const at = new Date().toISOString();
    return decide(known, { kind: "choose", click, via: "slack", at, round: known.round }, rules);
  });
  speak();
  await engine.idle();
  expect(said).toEqual(["dialectic-began", "dialectic-dropped"]);
  const now = await decisions.find(fresh.id);
  expect(now).toMatchObject({
    state: { kind: "pending" },
    draft: { by: DANA, plan: { tasks: ["Only this"] } },
  });
  expect(now?.approvals[0]?.voided).toBeUndefined();
});
