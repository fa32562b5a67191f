/**
 * What follows from a webhook, after its sender was answered: an alert begins or ends, an item is added, the poll is
 * woken. Every delivery is one workflow, named after it. Nothing is believed here that can be asked for.
 */
import type { Alarm } from "../domain/alert.ts";
import { type DeploymentTestimony, deploymentChange } from "../domain/deployment-alert.ts";
import type { MessageRef, NewItem } from "../domain/item.ts";
import type { AlertChange, Sender, WebhookOutcome, WebhookWork } from "../domain/webhook.ts";
import type { Log } from "../log.ts";
import { pause, registerWorkflow, startOnce, step } from "./engine.ts";

export interface WebhookWorkDeps {
  /** The last word of each outside system about each of its problems. */
  changes: {
    /** Keeps it unless something later is known. False: about a problem that is not known and need not be. */
    record(key: string, change: AlertChange): Promise<boolean>;
    latest(key: string): Promise<{ rev: number; change: AlertChange }>;
  };
  wakes: {
    join(
      name: string,
      how: { delayMs: number; spacingMs: number },
    ): Promise<{ dueAt: string; waitMs: number }>;
  };
  alarm: Alarm;
  /** Rejects while the platform does not answer. */
  witness(deploymentId: string): Promise<DeploymentTestimony>;
  /** Notion user id of the bot. */
  botId(): Promise<string>;
  /** Slack user id of whoever has this e-mail address; null = nobody. */
  slackIdOf(email: string): Promise<string | null>;
  capture: { add(key: string, item: NewItem, origin: MessageRef | null): Promise<void> };
  pollSoon(occasion: string): Promise<void>;
  now: () => Date;
  /** Counts what came to nothing after it was accepted. */
  meter(seen: { sender: Sender; outcome: WebhookOutcome }): void;
  log: Log;
}

/** Time for the rest of a burst to arrive. */
const WAKE_DELAY_MS = 2_000;
/** A poll costs two requests to Notion, of the three a second that everything shares. */
const WAKE_SPACING_MS = 10_000;

export type StartWebhookWork = (id: string, sender: Sender, work: WebhookWork) => Promise<void>;

/** Call before the engine is launched. */
export function registerWebhookWork(deps: WebhookWorkDeps): StartWebhookWork {
  const wake = registerWorkflow("wake", async (dueAt: string, waitMs: number): Promise<void> => {
    await pause(waitMs);
    await deps.pollSoon(`wake-${dueAt}`);
  });

  const wakePoll = async (authors: string[]): Promise<void> => {
    if (await step("authors", () => isOwnEcho(deps, authors))) return;
    const { dueAt, waitMs } = await step("join", () =>
      deps.wakes.join("poll", { delayMs: WAKE_DELAY_MS, spacingMs: WAKE_SPACING_MS }),
    );
    await startOnce(`wake:${dueAt}`, wake, dueAt, waitMs);
  };
  const addItem = async ({ key, item, requester }: Extract<WebhookWork, { kind: "item" }>): Promise<void> => {
    const requestedBy = await step("requester", () => whoAsks(deps, requester));
    await deps.capture.add(key, { ...item, requestedBy }, null);
  };

  const webhook = registerWorkflow("webhook", async (sender: Sender, work: WebhookWork): Promise<void> => {
    switch (work.kind) {
      case "alerts":
        return settleAll(deps, work.changes);
      case "deployment": {
        const change = await step(`confirm:${work.deploymentId}`, () => confirm(deps, sender, work));
        return change === null ? undefined : settleAll(deps, [change]);
      }
      case "changed-in-notion":
        return wakePoll(work.authors);
      case "item":
        return addItem(work);
    }
  });

  return async (id, sender, work) => {
    await startOnce(`webhook:${id}`, webhook, sender, work);
  };
}

async function settleAll(deps: WebhookWorkDeps, changes: AlertChange[]): Promise<void> {
  for (const change of changes) await step(`alert:${keyOf(change)}`, () => settle(deps, change));
}

function keyOf(change: AlertChange): string {
  return change.kind === "raise" ? change.signal.key : change.end.key;
}

/**
 * Brings the alert to the last word about it, and looks again: meanwhile another delivery may have brought a later one,
 * and of two that act at the same time the one that acts last must not be the one that knows less.
 */
export async function settle(
  { changes, alarm }: Pick<WebhookWorkDeps, "changes" | "alarm">,
  change: AlertChange,
): Promise<void> {
  const key = keyOf(change);
  if (!(await changes.record(key, change))) return;
  let applied: number | null = null;
  for (;;) {
    const latest = await changes.latest(key);
    if (latest.rev === applied) return;
    if (latest.change.kind === "raise") await alarm.raise(latest.change.signal);
    else await alarm.resolve(latest.change.end);
    applied = latest.rev;
  }
}

async function confirm(
  { witness, now, meter, log }: WebhookWorkDeps,
  sender: Sender,
  { deploymentId }: { deploymentId: string },
): Promise<AlertChange | null> {
  const testimony = await witness(deploymentId);
  if (testimony.kind === "confirmed") return deploymentChange(testimony, now());
  meter({ sender, outcome: "unconfirmed" });
  log.warn({ deployment: deploymentId }, "a deployment could not be confirmed, so nobody was told");
  return null;
}

/** What we wrote ourselves needs no look; whoever else had a hand in it does. */
async function isOwnEcho({ botId, meter }: WebhookWorkDeps, authors: string[]): Promise<boolean> {
  if (authors.length === 0) return false;
  const own = await botId();
  const isEcho = own !== "" && authors.every((author) => bare(author) === bare(own));
  if (isEcho) meter({ sender: "notion", outcome: "echo" });
  return isEcho;
}

function bare(id: string): string {
  return id.replaceAll("-", "").toLowerCase();
}

/** Also a name that Slack does not know says who asked; only a Slack user id makes somebody be told. */
async function whoAsks({ slackIdOf }: WebhookWorkDeps, requester: string | null): Promise<string | null> {
  if (requester === null || !/^[^\s@]+@[^\s@]+$/.test(requester)) return requester;
  return (await slackIdOf(requester)) ?? requester;
}
