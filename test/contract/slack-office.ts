/** Real Bolt and our handlers against the Slack stand-in; the desks behind them are small and in memory. */
import type { Server } from "node:http";
import express from "express";
import { pino } from "pino";
import type { Asked } from "../../src/domain/asked.ts";
import { isForBatch } from "../../src/domain/batch.ts";
import type {
  Click,
  DeadLetter,
  DecideResult,
  DecisionRecord,
  Evolution,
  Person,
} from "../../src/domain/decision.ts";
import * as machine from "../../src/domain/decision-machine.ts";
import type { Deputyship } from "../../src/domain/deputy.ts";
import type { HealthReport } from "../../src/domain/health.ts";
import type { MessageRef } from "../../src/domain/item.ts";
import { createSlackStandIn, type SlackWorkspaceStandIn } from "../../src/sandbox/slack/slack-stand-in.ts";
import {
  channels,
  createSlackSeed,
  leadershipGroup,
  people,
} from "../../src/sandbox/slack/workspace-seed.ts";
import type { Delivery, SlackMessage } from "../../src/sandbox/stand-ins.ts";
import type { Diagnosis } from "../../src/slack/doctor-ports.ts";
import type { AuditEntry, DeliveryLog, ExportDesk, PostLedger } from "../../src/slack/ports.ts";
import type { Desks } from "../../src/slack/routes.ts";
import { createSlack, type Slack, type SlackSettings } from "../../src/slack/slack.ts";
import { decision, outcome } from "../fixtures/decision.ts";
import { createIncidentDesk, type TestIncidentDesk } from "../fixtures/incident-desk.ts";
import { exampleReport } from "../fixtures/service-levels.ts";
import { type AfterwardsBooks, createAfterwardsDesks, noAfterwards } from "./afterwards-desk.ts";
import { batchOf } from "./batch-desk.ts";
import { type CaptureBooks, createCaptureDesk } from "./capture-desk.ts";
import { createDeploymentDesk, type TestDeploymentDesk } from "./deployment-desk.ts";
import { createDeputyDesk, rightsOf } from "./deputy-desk.ts";
import { createMaintenanceDesk, emptyReports } from "./operations-desks.ts";
import { createTestDesk, type PollWorld, pollWorld } from "./poll-desk.ts";
import { createTalkDesk, type TalkOrders } from "./talk-desk.ts";

const RULES = { selfApproval: "forbid", approvalsRequiredHigh: 1, undoSeconds: 0 } as const;

export const seed = createSlackSeed();

/** What the rest of the bot would hold. */
interface Books extends CaptureBooks, AfterwardsBooks, TalkOrders {
  decisions: Map<string, DecisionRecord>;
  /** What was asked, by decision. */
  asked: Map<string, Asked>;
  clicks: Click[];
  letters: Map<string, DeadLetter>;
  audit: AuditEntry[];
  deputyships: Deputyship[];
  /** Every request is one's own, and that is not allowed. */
  isForbidden: boolean;
  exports: Parameters<ExportDesk["start"]>[0][];
  poll: PollWorld;
  deployments: TestDeploymentDesk;
  incidents: TestIncidentDesk;
  diagnoses: Diagnosis[];
  /** What handlers broke with. */
  faults: unknown[];
  /** What the desk answers, whatever is clicked. */
  answer: DecideResult | null;
  /** Thrown by the desk instead of an answer. */
  broken: Error | null;
  /** The desk waits for this. */
  slowness: Promise<void>;
}

export interface SlackOffice {
  slack: SlackWorkspaceStandIn;
  bot: Slack;
  books: Books;
  /** Where Slack delivers to. */
  endpoint: string;
  /** Stops the bot and starts it with other settings. */
  restart(settings?: Partial<SlackSettings>): Promise<void>;
  close(): Promise<void>;
  /** Posts a card for a new decision and puts it on the desk. */
  postCard(change?: Partial<DecisionRecord>): Promise<DecisionRecord>;
  clickOn(record: DecisionRecord, user: string, actionId: string): Promise<Delivery>;
  /** What everybody sees there. */
  inChannel(channel: string): SlackMessage[];
  /** What this person alone was told, as one text; waits for it. */
  toldTo(user: string, channel?: string): Promise<string>;
  /** Resolves when `holds`; looks again whenever the world changes. */
  settled(holds: () => boolean): Promise<void>;
  /** The person's topmost modal as JSON. */
  modalOf(user: string): string;
  viewIdOf(user: string): string;
}

export async function openOffice(): Promise<SlackOffice> {
  const slack = await createSlackStandIn({ seed });
  const books: Books = {
    ...noAfterwards(),
    decisions: new Map(),
    asked: new Map(),
    clicks: [],
    letters: new Map(),
    added: [],
    captured: new Map(),
    mentions: [],
    audit: [],
    deputyships: [],
    isForbidden: false,
    exports: [],
    dialectics: [],
    again: [],
    poll: pollWorld(),
    deployments: createDeploymentDesk(),
    incidents: createIncidentDesk(),
    diagnoses: [],
    faults: [],
    answer: null,
    broken: null,
    slowness: Promise.resolve(),
  };
  const boot = starter(slack, books);
  let running = await boot({});
  const settled = (holds: () => boolean) => settledIn(slack, holds);
  const office: SlackOffice = {
    slack,
    books,
    bot: running.bot,
    endpoint: running.endpoint,
    settled,
    async restart(settings = {}) {
      await running.stop();
      running = await boot(settings);
      Object.assign(office, { bot: running.bot, endpoint: running.endpoint });
    },
    async close() {
      await running.stop();
      await slack.close();
    },
    async postCard(change = {}) {
      const record = decision(change);
      const { card, url } = await office.bot.board.postDecision(record);
      const posted = { ...record, card, cardUrl: url };
      books.decisions.set(posted.id, posted);
      return posted;
    },
    clickOn: (record, user, actionId) =>
      slack.click({ user, channel: record.card?.channel ?? "", ts: record.card?.ts ?? "", actionId }),
    inChannel: (channel) => slack.messages(channel).filter((one) => one.visibleTo === null),
    async toldTo(user, channel = channels.leadership) {
      const look = () => slack.messages(channel).filter((one) => one.visibleTo === user);
      await settled(() => look().length > 0);
      return look()
        .map((one) => one.text)
        .join("\n");
    },
    modalOf: (user) => JSON.stringify(slack.modals(user).at(-1)?.view ?? null),
    viewIdOf: (user) => slack.modals(user).at(-1)?.id ?? "",
  };
  return office;
}

interface Running {
  bot: Slack;
  endpoint: string;
  stop(): Promise<void>;
}

/** The logs outlive a restart, as the store does. */
function starter(slack: SlackWorkspaceStandIn, books: Books) {
  const deliveries = createDeliveries();
  const posts = createLedger();
  return async (settings: Partial<SlackSettings>): Promise<Running> => {
    const app = express();
    const bot = createSlack({
      settings: {
        botToken: seed.bot.token,
        signingSecret: seed.signingSecret,
        appToken: null,
        apiUrl: slack.url,
        decisionsChannel: channels.leadership,
        alertsChannel: channels.alerts,
        approvers: [leadershipGroup],
        operators: [people.sam],
        ...settings,
      },
      express: app,
      deliveries,
      posts,
      reader: { timezone: "UTC", pipesUrl: "https://www.notion.so/pipes" },
      audit: { record: async (entry) => void books.audit.push(entry) },
      rights: rightsOf(books),
      notionUser: async (id) =>
        id === "notion-dana" ? { name: "Dana", email: "dana@acme.example" } : { name: "Who", email: null },
      log: pino({ level: "silent" }),
      reportFault: ({ error }) => books.faults.push(error),
      postIntervalMs: 1,
    });
    bot.connect(createDesks(books, bot.batchDoor));
    const server = await listen(app);
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    const endpoint = `http://127.0.0.1:${port}/slack/events`;
    const stop = async () => {
      await bot.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    try {
      await bot.start();
    } catch (error) {
      await stop();
      throw error;
    }
    slack.deliverTo(endpoint);
    return { bot, endpoint, stop };
  };
}

function listen(app: ReturnType<typeof express>): Promise<Server> {
  return new Promise((resolve) => {
    const server = app.listen(0, "127.0.0.1", () => resolve(server));
  });
}

const SICK: HealthReport = {
  status: "degraded",
  checks: [{ name: "notion", status: "down", detail: "No answer.", checkedAt: null }],
};

function createDesks(books: Books, door: Slack["batchDoor"]): Desks {
  const decide = async (click: Click): Promise<DecideResult> => {
    await books.slowness;
    if (books.broken) throw books.broken;
    if (books.answer) return books.answer;
    const known = books.decisions.get(click.decisionId);
    if (!known) return { kind: "not-found" };
    if (known.state.kind === "recording" || known.state.kind === "recorded") {
      return { kind: "already-decided", outcome: known.state.outcome };
    }
    if (known.hash !== click.hash) {
      return { kind: "stale", replacement: known.id, reason: "The tasks changed." };
    }
    if (books.isForbidden && !click.breakGlass) return { kind: "self-approval-forbidden" };
    books.clicks.push(click);
    const verdict = ({ approve: "approved", edit: "edited", reject: "rejected" } as const)[click.choice.kind];
    const state = { kind: "recording", outcome: outcome({ verdict, by: click.by }) } as const;
    books.decisions.set(known.id, { ...known, rev: known.rev + 1, state });
    return { kind: "accepted" };
  };
  const act = async (itemId: string, how: "retried" | "ignored", by: Person) => {
    const letter = books.letters.get(itemId);
    if (!letter) return null;
    if (letter.state.kind !== "open") return { done: false, letter };
    const closed: DeadLetter = { ...letter, state: { kind: how, by, at: "2026-11-21T12:00:00Z" } };
    books.letters.set(itemId, closed);
    return { done: true, letter: closed };
  };
  /** As the store does it. */
  const evolve = <R>(id: string, change: (known: DecisionRecord) => Evolution<R>): R | null => {
    const known = books.decisions.get(id);
    if (!known) return null;
    const { patch, result } = change(known);
    if (patch) books.decisions.set(id, { ...known, ...patch, rev: known.rev + 1 });
    return result;
  };
  const at = () => new Date().toISOString();
  return {
    decisions: {
      find: async (id) => books.decisions.get(id) ?? null,
      asked: async (id) => books.asked.get(id) ?? null,
      undoable: async () => [...books.decisions.values()].filter((one) => one.state.kind === "undoable"),
      undo: async (id, by) =>
        evolve(id, (known) => machine.undo(known, { by, at: at(), round: known.round })) ?? {
          kind: "not-found",
        },
      withdraw: async (id, request) => {
        const result = evolve(id, (known) => {
          const event = { kind: "withdraw", ...request, at: at(), round: known.round } as const;
          return machine.decide(known, event, RULES);
        });
        return result === null || result.kind === "moved" ? { kind: "not-found" } : result;
      },
      isForBatch: (one, userId) => isForBatch(one, userId, { selfApproval: "forbid", now: new Date() }),
      redraw: async (id) => {
        const known = books.decisions.get(id);
        if (known) books.decisions.set(id, { ...known, rev: known.rev + 1 });
      },
      pending: async () => [...books.decisions.values()].filter((one) => one.state.kind === "pending"),
      decide,
      decideBatch: batchOf(books, door, decide),
    },
    deadLetters: { find: async (id) => books.letters.get(id) ?? null, act },
    capture: createCaptureDesk(books),
    operations: { health: async () => SICK, lastHealth: () => SICK },
    polls: createTestDesk(books.poll),
    alerts: NO_ALERTS,
    deployments: books.deployments,
    maintenance: createMaintenanceDesk(),
    reports: emptyReports,
    serviceLevels: { report: async () => exampleReport() },
    incidents: books.incidents,
    audits: NO_AUDITS,
    doctor: { examine: async () => books.diagnoses, versions: ["Version 0.0.0"] },
    talk: createTalkDesk(books.decisions, books),
    ...createAfterwardsDesks(books),
    deputies: createDeputyDesk(books),
    exports: {
      start: async (order) => {
        books.exports.push(order);
      },
    },
  };
}

const NO_AUDITS: Desks["audits"] = {
  search: async () => [],
  latest: async () => [],
  life: async () => null,
  sendFile: async () => undefined,
};

const NO_ALERTS: Desks["alerts"] = {
  find: async () => null,
  overview: async () => ({ open: [], recent: [], hold: null }),
  act: async () => ({ kind: "not-found" }),
  morning: () => ({ at: "2026-11-22T09:00:00Z", timezone: "UTC" }),
};

function createLedger(): PostLedger {
  const begun = new Map<string, { startedAt: string; posted: MessageRef | null; claim: number }>();
  return {
    async begin(key) {
      const known = begun.get(key);
      const entry = known ?? { startedAt: new Date().toISOString(), posted: null, claim: 0 };
      entry.claim += 1;
      begun.set(key, entry);
      return { ...entry, retried: known !== undefined };
    },
    async standing(key) {
      return begun.get(key) ?? { claim: 0, posted: null };
    },
    async done(key, posted) {
      const entry = begun.get(key);
      if (entry) entry.posted = posted;
    },
  };
}

function createDeliveries(): DeliveryLog {
  const seen = new Set<string>();
  return {
    async isFirst(key) {
      const first = !seen.has(key);
      seen.add(key);
      return first;
    },
  };
}

async function settledIn(slack: SlackWorkspaceStandIn, holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve, reject) => {
    const check = () => {
      if (!holds()) return;
      end();
      resolve();
    };
    const stop = slack.onChange(check);
    // A change may come before its effect is readable; this only re-reads.
    const again = setInterval(check, 20);
    const limit = setTimeout(() => {
      end();
      reject(new Error(`never came to be: ${holds}`));
    }, 8_000);
    const end = () => {
      clearInterval(again);
      clearTimeout(limit);
      stop();
    };
  });
}
