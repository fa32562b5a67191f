/** From the click to Notion, on the real store and engine: changes made there meanwhile, and a deploy in between. */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DecisionRecord, type Person, shownHash } from "../../src/domain/decision.ts";
import { planToContent } from "../../src/domain/plan.ts";
import type { StillMay } from "../../src/domain/voters.ts";
import { createLog } from "../../src/log.ts";
import { createDecisionStore } from "../../src/store/decisions.ts";
import { createAuditTrail, createSettings } from "../../src/store/ledgers.ts";
import type { Store } from "../../src/store/store.ts";
import type { CardWorkflows } from "../../src/workflows/cards.ts";
import { registerChangedInNotion } from "../../src/workflows/changed-in-notion.ts";
import { decideSurely, registerDecide } from "../../src/workflows/decide.ts";
import type { WorkflowDeps } from "../../src/workflows/deps.ts";
import { createEngine, type Engine, registerWorkflow, startOnce, step } from "../../src/workflows/engine.ts";
import { registerRecord } from "../../src/workflows/record.ts";
import { registerSupersede } from "../../src/workflows/supersede.ts";
import { registerSweep } from "../../src/workflows/sweep.ts";
import { isOverdue, registerUndo, registerUndoWindow } from "../../src/workflows/undo.ts";
import { decision, outcome, plan, stand } from "../fixtures/decision.ts";
import { openOwnStore } from "../fixtures/own-store.ts";
import { createActionPipes } from "./action-pipes.ts";

const log = createLog({ level: "CRITICAL", json: true });
const DANA: Person = { slackId: "U0DANA0001", name: "Dana Reyes" };
const SAM: Person = { slackId: "U0SAM00001", name: "Sam" };
const LATER = "2026-11-22T12:00:00.000Z";

let store: Store;
let engine: Engine;
let bot: ReturnType<typeof register>;
const { pipes, pipeOf, putPipe, notion } = createActionPipes();
/** What was said in Slack: kinds of notes. */
const said: string[] = [];
/** Whether whoever edited in Notion may decide: asked, and answered. */
let wasAsked: () => void = () => {};
let mayDecide: Promise<object> = Promise.resolve({});
let wereVotesAsked: () => void = () => {};
/** What Slack answers about whoever approved before, one answer after the other. */
const rights: StillMay[] = [];

const RULES = { undoSeconds: 600, approvalsRequiredHigh: 1, selfApproval: "warn", ttlHours: 0, model: "m" };
type Rules = typeof RULES;

function register(rules: Rules) {
  const decisions = createDecisionStore(store.db);
  let isCutOff = false;
  const evolve: typeof decisions.evolve = (id, change) => {
    if (!isCutOff) return decisions.evolve(id, change);
    return Promise.reject(Object.assign(new Error("away"), { code: "ECONNRESET" }));
  };
  const deps = {
    notion,
    books: {
      decisions: { ...decisions, evolve },
      audit: createAuditTrail(store.db),
      settings: createSettings(store.db),
      origins: { origin: async () => ({ requestedBy: null, message: null }) },
    },
    people: {
      stillMay: async () => {
        wereVotesAsked();
        return rights.shift() ?? { kind: "may" };
      },
      slackPersonOf: async () => ({ slackId: "U0SAM00001", name: "Sam" }),
      mayDecide: () => {
        wasAsked();
        return mayDecide;
      },
    },
    meter: { decided: () => {}, settled: () => {} },
    rules,
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
  const seen = registerWorkflow("seen-here", (id: string) => takeUpChange(id));
  const sweep = registerWorkflow("sweep-here", async (tick: string) => {
    await registered(tick);
  });
  const registered = registerSweep(deps, { cards, decider, takeUpChange, undoWindow });
  return {
    ...{ decisions, supersede, undoWindow },
    /** From now on this process changes no record any more. */
    cutOff: () => {
      isCutOff = true;
    },
    undo: registerUndo(deps, { cards, takeUpChange }),
    seenInNotion: (id: string) => startOnce(`seen-here:${id}`, seen, id),
    sweep: async (tick: string) => (await startOnce(`sweep-here:${tick}`, sweep, tick)).result(),
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

async function start(rules: Rules = RULES): Promise<void> {
  const patience = { firstIntervalSeconds: 0.05, backoffRate: 1, maxAttempts: 50 };
  engine = createEngine({ store, log, patience });
  bot = register(rules);
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

/** Whoever set this in Notion is asked after, and Slack does not answer yet; resolves with how to have it answer. */
async function waitingForSlack(id: string, status: string): Promise<() => void> {
  pipes.set(id, { ...pipeOf(id), status });
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  let answer: (allowed: object) => void = () => {};
  mayDecide = new Promise((resolve) => (answer = resolve));
  await bot.seenInNotion(id);
  await asked;
  return () => answer({ ok: true, person: SAM });
}

it("what somebody decided in Notion in time does not expire while Slack is asked whether they may", async () => {
  await made({ id: "asked-long", expiresAt: new Date(Date.now() - 1_000).toISOString() });
  await made({ id: "nobody", expiresAt: new Date(Date.now() - 1_000).toISOString() });
  const answer = await waitingForSlack("asked-long", "Approved");
  await bot.sweep("1");
  await expect.poll(() => stateOf("nobody")).toMatchObject({ outcome: { verdict: "expired" } });
  await expect.poll(() => unfinished("expire")).toBe(0);
  answer();
  await expect
    .poll(() => stateOf("asked-long"))
    .toMatchObject({ kind: "recorded", outcome: { verdict: "approved", by: SAM } });
});

it("who thinks better of it in Notion while Slack is asked decides what they say last", async () => {
  await made({ id: "thought-better" });
  await made({ id: "taken-out" });
  const answers = [await waitingForSlack("thought-better", "Approved")];
  pipes.set("thought-better", { ...pipeOf("thought-better"), status: "Rejected", reason: "Too dear." });
  answers.push(await waitingForSlack("taken-out", "Approved"));
  pipes.set("taken-out", { ...pipeOf("taken-out"), status: "Pending" });
  for (const answer of answers) answer();
  await expect
    .poll(() => stateOf("thought-better"))
    .toMatchObject({ kind: "recorded", outcome: { verdict: "rejected", by: SAM, reason: "Too dear." } });
  await expect.poll(() => unfinished("changed-in-notion")).toBe(0);
  expect(await stateOf("taken-out")).toMatchObject({ kind: "pending" });
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

it("what an older version began to take up from Notion is ended, though a deploy came between", async () => {
  const known = new Map<string, DecisionRecord>();
  for (const [id, status] of [
    ["put-back", "Rejected"],
    ["looked", "Approved"],
  ] as const) {
    known.set(id, await made({ id }));
    pipes.set(id, { ...pipeOf(id), status });
  }
  await engine.shutdown(1_000);
  engine = createEngine({ store, log });
  const begun = new Set<string>();
  const who = {
    "put-back": { ok: false, person: null, reason: "they are a guest", refusal: "guest" },
    looked: { ok: true, person: SAM, outcome: null },
  };
  const before = registerWorkflow("changed-in-notion", async (id: keyof typeof who): Promise<void> => {
    await step(`read:${id}`, async () => pipeOf(id));
    await step(`load:${id}`, async () => known.get(id));
    await step(`who:${id}`, async () => who[id]);
    if (id === "put-back") await step(`put-back:${id}`, async () => undefined);
    else await step(`look:${id}`, async () => ({ known: known.get(id), at: LATER, token: "t" }));
    begun.add(id);
    await new Promise(() => {});
  });
  await engine.launch();
  await startOnce("notion:put-back:0", before, "put-back");
  await startOnce("notion:looked:0", before, "looked");
  await expect.poll(() => begun.size).toBe(2);
  await engine.shutdown(1_000);
  said.length = 0;
  await start();
  await expect.poll(() => said).toContain("refused-in-notion");
  await expect
    .poll(() => stateOf("looked"))
    .toMatchObject({ kind: "recorded", outcome: { by: SAM, at: LATER, via: "notion" } });
});

it("a decision may be taken back for as long as there was when it was made, however long there is now", () => {
  const at = "2026-11-21T12:00:00.000Z";
  const until = "2026-11-21T12:10:00.000Z";
  const open = decision({ state: { kind: "undoable", outcome: outcome({ at }), until } });
  const overdueAt = (moment: string) => isOverdue(open, new Date(moment));
  expect(overdueAt(at)).toBe(false);
  expect(overdueAt("2026-11-21T11:58:00.000Z")).toBe(true);
  expect(overdueAt("2026-11-21T12:12:00.000Z")).toBe(true);
});

/** Dies when what somebody decided in Notion is about to be claimed; begins again under other settings. */
async function claimAcross(id: string, rules: Rules): Promise<void> {
  mayDecide = Promise.resolve({ ok: true, person: SAM });
  bot.cutOff();
  await bot.seenInNotion(id);
  await expect.poll(() => unfinished("decide")).toBe(1);
  await engine.shutdown(0);
  said.length = 0;
  await start(rules);
  await expect.poll(() => endOf(`notion:${id}:0`), { timeout: 10_000 }).toMatch(/^(SUCCESS|ERROR)$/);
}
const endOf = async (workflowId: string) => (await DBOS.getWorkflowStatus(workflowId))?.status;

it("a run that goes on where approving one's own request is forbidden since goes on where it was, and is refused", async () => {
  await made({ id: "forbidden", requestedBy: SAM.slackId });
  pipes.set("forbidden", { ...pipeOf("forbidden"), status: "Approved" });
  await claimAcross("forbidden", { ...RULES, selfApproval: "forbid" });
  expect(await endOf("notion:forbidden:0")).toBe("SUCCESS");
  expect(said).toEqual(["refused-in-notion"]);
  expect(await stateOf("forbidden")).toMatchObject({ kind: "pending" });
  expect(pipeOf("forbidden").status).toBe("Pending");
});

it("a run that goes on where two have to approve since goes on where it was, and counts as one of them", async () => {
  const known = await made({ id: "two" });
  expect(known.analysis.triage.impact).toBeGreaterThanOrEqual(8);
  editedPipe(known);
  pipes.set("two", { ...pipeOf("two"), status: "Approved" });
  await claimAcross("two", { ...RULES, approvalsRequiredHigh: 2 });
  expect(await endOf("notion:two:0")).toBe("SUCCESS");
  expect(said).toEqual(["counted-in-notion"]);
  expect(await bot.decisions.find("two")).toMatchObject({ approvals: [{ by: SAM }], draft: { by: SAM } });
  expect(pipeOf("two").status).toBe("Pending");
});

it("an approval in Notion waits for Slack to say whether the one before still counts, and for nobody else", async () => {
  await engine.shutdown(1_000);
  await start({ ...RULES, approvalsRequiredHigh: 2 });
  mayDecide = Promise.resolve({ ok: true, person: SAM });
  const half = async (id: string) => {
    await bot.approve(await made({ id }));
    pipes.set(id, { ...pipeOf(id), status: "Approved" });
    said.length = 0;
    await bot.seenInNotion(id);
    await expect.poll(async () => (await DBOS.getWorkflowStatus(`notion:${id}:0`))?.status).toBe("SUCCESS");
    return (await bot.decisions.find(id))?.approvals.map(({ by, voided }) => [by.name, voided?.why]);
  };
  const unsure = { kind: "unsure", why: "Slack did not answer me", isPassing: true } as const;
  rights.push(unsure, unsure, { kind: "lost", why: "Dana Reyes may no longer decide." });
  expect(await half("unheard")).toEqual([
    ["Dana Reyes", "Dana Reyes may no longer decide."],
    ["Sam", undefined],
  ]);
  expect([rights.length, said]).toEqual([0, ["counted-in-notion"]]);
  rights.push({ ...unsure, isPassing: false });
  expect(await half("unheard-of")).toEqual([["Dana Reyes", undefined]]);
  expect(said).toEqual(["refused-in-notion"]);
  expect(pipeOf("unheard-of").status).toBe("Pending");
  // Thought better of it while Slack was asked.
  wereVotesAsked = () => void pipes.set("recanted", { ...pipeOf("recanted"), status: "Rejected" });
  rights.push(unsure);
  expect(await half("recanted")).toEqual([["Dana Reyes", undefined]]);
  await expect.poll(() => stateOf("recanted")).toMatchObject({ outcome: { verdict: "rejected", by: SAM } });
});
