/**
 * The Slack side of the bot, composed: what others see of it is the board (what the bot posts), people (who may decide),
 * a health check, and start and stop. It decides nothing and stores nothing. Handlers are connected in a second step,
 * because the workflows they call need the board first.
 */
import type { ExpressReceiverOptions } from "@slack/bolt";
import type { SelfApproval } from "../domain/decision.ts";
import { isAppError, type ReportFault } from "../errors.ts";
import { type Log, moduleLog } from "../log.ts";
import type { AlertWall } from "../workflows/alert-ports.ts";
import type { AuditCourier } from "../workflows/audit-ports.ts";
import type { BatchDoor } from "../workflows/batch-ports.ts";
import type { CaptureWall } from "../workflows/capture-ports.ts";
import type { DeputyWall } from "../workflows/deputy-ports.ts";
import type { IncidentWall } from "../workflows/incident-ports.ts";
import type { Board, ExportCourier, People } from "../workflows/ports.ts";
import type { ReminderBoard } from "../workflows/reminder-ports.ts";
import type { ReviewBoard } from "../workflows/review-ports.ts";
import type { TalkBoard } from "../workflows/talk-ports.ts";
import type { ThreadBoard } from "../workflows/thread-ports.ts";
import { createAlertWall, createShout, type Shout } from "./alert-wall.ts";
import { createAuditCourier } from "./audit-courier.ts";
import { createBatchDoor, createBatchForms } from "./batch-door.ts";
import { createBoard } from "./board.ts";
import { createCaptureWall } from "./capture-wall.ts";
import { createSlackChecks, type SlackCheckDeps, type SlackChecks } from "./check.ts";
import { createDeputyWall } from "./deputy-wall.ts";
import { createDirectory, type Directory } from "./directory.ts";
import { createExportCourier } from "./export-courier.ts";
import { reportFailure } from "./failures.ts";
import { createGate } from "./gate.ts";
import { createIncidentWall } from "./incident-wall.ts";
import { createOperationsBoard } from "./operations-board.ts";
import type { ReaderSettings } from "./operations-ports.ts";
import { createOutbound, type Outbound } from "./outbound.ts";
import type { Identity } from "./outbound-reads.ts";
import type { AuditTrail, DecisionDesk, DeliveryLog, PostLedger, SharedTurns, SlackMeter } from "./ports.ts";
import { createSlackApp } from "./receiver.ts";
import { createReminderBoard } from "./reminder-board.ts";
import { createReviewBoard } from "./review-board.ts";
import type { RightsBook } from "./rights-ports.ts";
import { createRollbackWall, type RollbackWall } from "./rollback-wall.ts";
import { connectRoutes, type Desks } from "./routes.ts";
import { createTalkBoard } from "./talk-board.ts";
import { createThreadBoard } from "./thread-board.ts";
import { votesOf } from "./votes-of.ts";

export interface SlackSettings {
  botToken: string;
  /** Needed over HTTP. */
  signingSecret: string | null;
  /** Socket Mode when set. */
  appToken: string | null;
  apiUrl: string;
  decisionsChannel: string;
  alertsChannel: string;
  /** User ids (U…, W…) and user-group ids (S…). */
  approvers: readonly string[];
  /** Who alone decides what has a high impact; empty = the approvers. */
  approversHigh?: readonly string[];
  operators: readonly string[];
  /** For a decision of high impact; 1 when left out. */
  approvalsRequiredHigh?: number;
  /** "warn" when left out. */
  selfApproval?: SelfApproval;
  /** How many people have to be able to decide, for the health checks. */
  needed?: SlackCheckDeps["settings"]["needed"];
  /** Who may decide too once nobody did for long. */
  escalation?: readonly string[];
}

export interface SlackDeps {
  settings: SlackSettings;
  /** The express app the HTTP endpoint is mounted on, at once: before its 404 handler, and no body parser before it. */
  express: ExpressReceiverOptions["app"] | null;
  deliveries: DeliveryLog;
  posts: PostLedger;
  audit: AuditTrail;
  /** Without it there are neither deputies nor a difference between decisions. */
  rights?: RightsBook;
  /** Name and e-mail of a Notion user; null when Notion does not tell. */
  notionUser: (notionUserId: string) => Promise<{ name: string; email: string | null } | null>;
  reader: ReaderSettings;
  log: Log;
  meter?: SlackMeter;
  reportFault?: ReportFault;
  now?: () => Date;
  /** Slack allows one message per second and channel. */
  postIntervalMs?: number;
  /** Where replicas post with the same token. */
  sharedTurns?: SharedTurns;
}

export interface Slack {
  board: Board;
  people: People & Pick<Directory, "personByEmail">;
  exportCourier: ExportCourier;
  captureWall: CaptureWall;
  deputyWall: DeputyWall;
  incidentWall: IncidentWall;
  alertWall: AlertWall;
  shout: Shout;
  rollbackWall: RollbackWall;
  reminderBoard: ReminderBoard;
  reviewBoard: ReviewBoard;
  threadBoard: ThreadBoard;
  talkBoard: TalkBoard;
  batchDoor: BatchDoor;
  auditCourier: AuditCourier;
  operationsBoard: ReturnType<typeof createOperationsBoard>;
  /** Once, before `start`. */
  connect(desks: Desks): void;
  /** Rejects when Slack refuses the token; starts all the same when Slack does not answer. */
  start(): Promise<void>;
  /** Resolves when no listener is at work any more. */
  stop(): Promise<void>;
  inFlight(): number;
  checks: SlackChecks;
  teamId(): Promise<string>;
}

export function createSlack(deps: SlackDeps): Slack {
  const { settings, audit } = deps;
  const now = deps.now ?? (() => new Date());
  const log = moduleLog(deps.log, "slack");
  const outbound = createOutbound({
    token: settings.botToken,
    apiUrl: settings.apiUrl,
    ledger: deps.posts,
    sharedTurns: deps.sharedTurns,
    log,
    onFailure: deps.meter?.failed,
    postIntervalMs: deps.postIntervalMs ?? 1_000,
    sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
  });
  const directory = createDirectory({
    reads: outbound,
    allowed: {
      decide: settings.approvers,
      decideHigh: settings.approversHigh ?? [],
      operate: settings.operators,
    },
    notionUser: deps.notionUser,
    ...{ rights: deps.rights, selfApproval: settings.selfApproval },
    now,
    log,
  });

  let identity: Identity | null = null;
  const learnIdentity = async () => {
    identity = await directory.identity();
    return identity;
  };
  let decisions: Pick<DecisionDesk, "find"> | null = null;
  const cardUrlOf = async (id: string) => (await decisions?.find(id))?.cardUrl ?? null;

  const { batchDoor, ...checking } = createChecking({ directory, audit, outbound });

  const slackApp = createSlackApp({
    ...settings,
    express: deps.express,
    deliveries: deps.deliveries,
    meter: deps.meter,
    knownIdentity: () => identity,
    onError: reportFailure({ outbound, log, reportFault: deps.reportFault }),
    now,
    log,
  });

  return {
    board: createBoard({ ...settings, outbound, cardUrlOf, votesOf: votesOf(settings, directory), log }),
    ...{ batchDoor, people: directory },
    ...createWalls({ ...settings, outbound, directory, log }),
    operationsBoard: createOperationsBoard({ ...settings, outbound, reader: deps.reader }),
    connect(desks) {
      decisions = desks.decisions;
      connectRoutes(slackApp.app, {
        ...desks,
        ...{ audit, directory, ...checking, outbound, now, reader: deps.reader },
        decisionsChannel: settings.decisionsChannel,
        alertsChannel: settings.alertsChannel,
      });
    },
    async start() {
      try {
        await learnIdentity();
      } catch (error) {
        if (!isAppError(error) || !error.retryable) throw error;
        log.warn({ code: error.code }, "Slack does not answer yet; starting without it");
      }
      await slackApp.start();
    },
    stop: slackApp.stop,
    inFlight: slackApp.inFlight,
    checks: createSlackChecks({ outbound, settings, isReachable: slackApp.isReachable, now }),
    teamId: async () => (identity ?? (await learnIdentity())).teamId,
  };
}

/** Who is let through, also where a workflow asks. */
function createChecking({ outbound, ...parts }: Parameters<typeof createGate>[0] & { outbound: Outbound }) {
  const gate = createGate(parts);
  const batchForms = createBatchForms();
  return { gate, batchForms, batchDoor: createBatchDoor({ gate, forms: batchForms, outbound }) };
}

/** What the bot says by itself, each to its own people. */
function createWalls(parts: SlackSettings & { outbound: Outbound; directory: Directory; log: Log }) {
  const { outbound } = parts;
  return {
    exportCourier: createExportCourier(outbound),
    auditCourier: createAuditCourier(outbound),
    captureWall: createCaptureWall(parts),
    deputyWall: createDeputyWall(parts),
    incidentWall: createIncidentWall(parts),
    alertWall: createAlertWall(parts),
    shout: createShout(parts),
    rollbackWall: createRollbackWall(parts),
    reminderBoard: createReminderBoard(parts),
    threadBoard: createThreadBoard(parts),
    talkBoard: createTalkBoard(parts),
    reviewBoard: createReviewBoard(parts),
  };
}
