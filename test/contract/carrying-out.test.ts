/** From the click to Notion, on the real store and engine: changes made there meanwhile, and a deploy in between. */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DecisionRecord, type Person, shownHash } from "../../src/domain/decision.ts";
import { type PipeContent, planToContent } from "../../src/domain/plan.ts";
import { createLog } from "../../src/log.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createAuditTrail, createSettings } from "../../src/store/ledgers.ts";
import type { Store } from "../../src/store/store.ts";
import type { CardWorkflows } from "../../src/workflows/cards.ts";
import { registerChangedInNotion } from "../../src/workflows/changed-in-notion.ts";
import { decideSurely, registerDecide } from "../../src/workflows/decide.ts";
import type { WorkflowDeps } from "../../src/workflows/deps.ts";
import { createEngine, type Engine, registerWorkflow, startOnce, step } from "../../src/workflows/engine.ts";
import type { PipeRow } from "../../src/workflows/ports.ts";
import { registerRecord } from "../../src/workflows/record.ts";
import { registerSupersede } from "../../src/workflows/supersede.ts";
import { registerUndo, registerUndoWindow } from "../../src/workflows/undo.ts";
import { decision, outcome, plan, stand } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";

const log = createLog({ level: "CRITICAL", json: true });
const DANA: Person = { slackId: "U0DANA0001", name: "Dana Reyes" };
const LATER = "2026-11-22T12:00:00.000Z";

let store: Store;
let engine: Engine;
let bot: ReturnType<typeof register>;
/** The Action Pipes, as Notion holds them. */
const pipes = new Map<string, PipeRow>();
/** What was said in Slack: kinds of notes. */
const said: string[] = [];
/** Whether whoever edited in Notion may decide: asked, and answered. */
let wasAsked: () => void = () => {};
let mayDecide: Promise<object> = Promise.resolve({});

function pipeOf(id: string): PipeRow {
  const pipe = pipes.get(id);
  if (!pipe) throw new Error(`no pipe ${id}`);
  return pipe;
}

function putPipe(id: string, content: PipeContent): PipeRow {
  const row = { id, inTrash: false, status: "Pending", content, reason: null };
  const pipe = { ...row, lastEditedAt: new Date().toISOString(), lastEditedBy: "notion-user" };
  pipes.set(id, pipe);
  return pipe;
}

const notion = {
  records: { ownOutcome: async () => null, createTraining: async () => ({}), createLog: async () => ({}) },
  followUps: { createProject: async () => ({ id: "p", url: "" }), createTask: async () => ({}) },
  decisions: {
    readPipe: async (id: string) => pipeOf(id),
    createPipe: async ({ content }: { content: PipeContent }, { key }: { key: string }) => {
      putPipe(key, content);
      return { id: key, url: "" };
    },
    writePipe: async (id: string, { status }: { status: string }) => {
      pipes.set(id, { ...pipeOf(id), status });
    },
    writeIntent: async () => undefined,
  },
};

function register() {
  const decisions = createDecisionStore(store.db);
  const deps = {
    notion,
    books: {
      decisions,
      audit: createAuditTrail(store.db),
      settings: createSettings(store.db),
      origins: { origin: async () => ({ requestedBy: null, message: null }) },
    },
    people: {
      slackPersonOf: async () => ({ slackId: "U0SAM00001", name: "Sam" }),
      mayDecide: () => {
        wasAsked();
        return mayDecide;
      },
    },
    meter: { decided: () => {}, settled: () => {} },
    rules: { undoSeconds: 600, approvalsRequiredHigh: 1, selfApproval: "warn", ttlHours: 0, model: "m" },
    now: () => new Date(),
  } as unknown as WorkflowDeps;
  const nothing = async () => ({ result: async () => undefined });
  const say = async (_key: string, { kind }: { kind: string }) => void said.push(kind);
  const shown = { show: nothing, showReplaced: nothing, say, sayLine: nothing };
  const cards = shown as unknown as CardWorkflows;
  const supersede = registerSupersede(deps, cards);
  const record = registerRecord(deps, cards, supersede);
  const undoWindow = registerUndoWindow(deps, { cards, record });
  const decider = registerDecide(deps, { cards, record, undoWindow });
  const takeUpChange = registerChangedInNotion(deps, { cards, decider, supersede });
  const sweep = registerWorkflow("sweep-here", (id: string) => takeUpChange(id));
  return {
    ...{ decisions, supersede, undoWindow },
    undo: registerUndo(deps, { cards, takeUpChange }),
    seenInNotion: (id: string) => startOnce(`sweep-here:${id}`, sweep, id),
    approve: (known: DecisionRecord) =>
      decideSurely(decider, known.id, (moment) => {
        const choice = { kind: "approve" } as const;
        const click = { decisionId: known.id, hash: shownHash(known), choice, by: DANA };
        return decider.decide(click, "slack", moment);
      }),
  };
}

async function made(change: Partial<DecisionRecord> & { id: string }): Promise<DecisionRecord> {
  const fresh = decision({ expiresAt: null, ...change });
  await bot.decisions.insert(fresh);
  putPipe(fresh.id, planToContent(fresh.title, fresh.proposal));
  const known = await bot.decisions.find(fresh.id);
  if (known === null) throw new Error("not inserted");
  return known;
}

const editedPipe = ({ id, title, proposal }: DecisionRecord) =>
  putPipe(id, planToContent(title, { ...proposal, tasks: ["Only this"] }));
const stateOf = async (id: string) => (await bot.decisions.find(id))?.state;
const unfinished = async (workflowName: string) =>
  (await DBOS.listWorkflows({ workflowName, status: ["PENDING"] })).length;

async function start(): Promise<void> {
  const patience = { firstIntervalSeconds: 0.05, backoffRate: 1, maxAttempts: 50 };
  engine = createEngine({ store, log, patience });
  bot = register();
  await engine.launch();
}

beforeAll(async () => {
  store = await openOwnStore();
  await start();
});

afterAll(async () => {
  await engine.shutdown(1_000);
  await store.close();
});

const REASON = "The Action Pipe was edited in Notion after the card was posted.";

it("an edit that a click overtakes voids the decision when it is to be carried out", async () => {
  const known = await made({ id: "overtaken" });
  const pipe = editedPipe(known);
  await bot.approve(known);
  await bot.supersede(known, pipe, REASON);
  await expect.poll(() => unfinished("supersede")).toBe(0);
  expect(await stateOf("overtaken")).toMatchObject({ kind: "undoable" });
  await bot.undoWindow.end("overtaken", 0);
  await expect
    .poll(() => stateOf("overtaken"))
    .toMatchObject({
      ...{ kind: "superseded", by: "replaces:overtaken", voided: { by: DANA } },
    });
  expect((await bot.decisions.find("replaces:overtaken"))?.proposal.tasks).toEqual(["Only this"]);
});

it("an edit that a click overtakes is put to the vote when the click is taken back", async () => {
  const known = await made({ id: "taken-back" });
  const pipe = editedPipe(known);
  await bot.approve(known);
  await bot.supersede(known, pipe, REASON);
  await expect.poll(() => unfinished("supersede")).toBe(0);
  expect(await bot.undo("taken-back", DANA)).toEqual({ kind: "undone" });
  await expect.poll(() => stateOf("taken-back")).toMatchObject({ by: "replaces:taken-back" });
});

it("a decision that is recorded meanwhile stays so in Notion when somebody's change there is refused", async () => {
  const known = await made({ id: "recorded" });
  pipes.set("recorded", { ...pipeOf("recorded"), status: "Rejected" });
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  let answer: (allowed: object) => void = () => {};
  mayDecide = new Promise((resolve) => (answer = resolve));
  await bot.seenInNotion("recorded");
  await asked;
  await bot.approve(known);
  await bot.undoWindow.end("recorded", 0);
  await expect.poll(() => stateOf("recorded")).toMatchObject({ kind: "recorded" });
  answer({ ok: false, reason: "they are a guest", refusal: "guest" });
  await expect.poll(() => unfinished("changed-in-notion")).toBe(0);
  expect(pipeOf("recorded").status).toBe("Approved");
});

it("whoever tried to decide in Notion while a decision could be taken back hears that it was too late", async () => {
  const known = await made({ id: "too-late" });
  pipes.set("too-late", { ...pipeOf("too-late"), status: "Rejected" });
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  let answer: (allowed: object) => void = () => {};
  mayDecide = new Promise((resolve) => (answer = resolve));
  await bot.seenInNotion("too-late");
  await asked;
  await bot.approve(known);
  said.length = 0;
  answer({ ok: false, reason: "they are a guest", refusal: "guest" });
  await expect.poll(() => unfinished("changed-in-notion")).toBe(0);
  await bot.undoWindow.end("too-late", 0);
  await expect.poll(() => stateOf("too-late")).toMatchObject({ kind: "recorded" });
  expect(said).toContain("too-late-in-notion");
  expect(pipeOf("too-late").status).toBe("Approved");
});

it("a reopening that is gone from Notion ends, and no later one of the same decision with it", async () => {
  const { verdict, by, at } = outcome();
  const earlier = { verdict, by, at, cardUrl: null, tasks: plan.tasks, tasksUrl: null };
  for (const [id, current] of [
    ["settled-1", at],
    ["settled-2", LATER],
  ] as const) {
    const counts = { recordedAt: at, taskCount: 3, projectUrl: null, acceptanceRate: 1 };
    await made({ id });
    await stand(bot.decisions, id, { kind: "recorded", outcome: outcome(), ...counts });
    const reopenedAs = { id: `${id}-next`, by: DANA, reason: "Why not?", at: current };
    await bot.decisions.evolve(id, () => ({ patch: { reopenedAs }, result: null }));
    await made({ id: `${id}-gone`, reopening: { of: id, by: DANA, reason: "Why?", at, earlier } });
    await stand(bot.decisions, `${id}-gone`, { kind: "recording", outcome: outcome() });
    const gone = await bot.decisions.find(`${id}-gone`);
    if (gone) await bot.supersede(gone, { ...pipeOf(gone.id), inTrash: true }, "It was moved to the trash.");
  }
  await expect.poll(() => unfinished("supersede")).toBe(0);
  expect((await bot.decisions.find("settled-1"))?.reopenedAs).toBeNull();
  expect((await bot.decisions.find("settled-2"))?.reopenedAs).toMatchObject({ at: LATER });
});

it("a decision that a version before votes and reopening began to carry out is carried out", async () => {
  await made({ id: "older" });
  await stand(bot.decisions, "older", { kind: "recording", outcome: outcome() });
  await engine.shutdown(1_000);
  engine = createEngine({ store, log });
  const { decisions } = bot;
  let hasLoaded: () => void = () => {};
  const loaded = new Promise<void>((resolve) => (hasLoaded = resolve));
  const before = registerWorkflow("record", async (id: string): Promise<void> => {
    await step(`load:${id}`, async () => {
      const known = await decisions.find(id);
      if (known === null) return null;
      const { approvals, draft, questions, reopening, reopenedAs, round, ...older } = known;
      return older;
    });
    hasLoaded();
    await new Promise(() => {});
  });
  await engine.launch();
  await startOnce("record:older", before, "older");
  await loaded;
  await engine.shutdown(1_000);
  await start();
  await expect.poll(() => stateOf("older")).toMatchObject({ kind: "recorded", taskCount: 3 });
});

it("a change in Notion that an older version put back is answered, though a deploy came between", async () => {
  const known = await made({ id: "put-back" });
  const pipe = { ...pipeOf("put-back"), status: "Rejected" };
  await engine.shutdown(1_000);
  engine = createEngine({ store, log });
  let hasPutBack: () => void = () => {};
  const isPutBack = new Promise<void>((resolve) => (hasPutBack = resolve));
  const who = { ok: false, person: null, reason: "they are a guest", refusal: "guest" };
  const before = registerWorkflow("changed-in-notion", async (id: string, _rounds: number): Promise<void> => {
    await step(`read:${id}`, async () => pipe);
    await step(`load:${id}`, async () => known);
    await step(`who:${id}`, async () => who);
    await step(`put-back:${id}`, async () => undefined);
    hasPutBack();
    await new Promise(() => {});
  });
  await engine.launch();
  await startOnce("notion:put-back:0", before, "put-back", 0);
  await isPutBack;
  await engine.shutdown(1_000);
  said.length = 0;
  await start();
  await expect.poll(() => said).toContain("refused-in-notion");
});
