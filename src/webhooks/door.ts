/**
 * Where outside systems knock: who may come in, what they say, and that it is taken down before they are answered. One
 * file per sender says how it is known and read; what then happens is the workflows' business. Nothing here speaks HTTP,
 * asks a vendor or logs what was sent.
 */
import { isSameSecret } from "../domain/secret.ts";
import type { Sender } from "../domain/webhook.ts";
import { correlated, type Log } from "../log.ts";
import { alertmanager } from "./alertmanager.ts";
import { createHandshake, type Handshake, verificationToken } from "./handshake.ts";
import { inboxSender } from "./inbox.ts";
import { notionSender } from "./notion.ts";
import type { DeliveryBook, HandshakeBook, HandshakeState, StartWork, WebhookSecrets } from "./ports.ts";
import { type RailwayScope, railwaySender } from "./railway.ts";
import { isSignedWith, type SenderRules, type WebhookHead } from "./sender.ts";
import { sentry } from "./sentry.ts";
import { digestOf } from "./text.ts";

export interface WebhookDoorDeps {
  secrets: WebhookSecrets;
  scope: RailwayScope;
  /** Ids of the Notion databases that a poll looks into. */
  watchedDatabases: readonly string[];
  deliveries: DeliveryBook;
  handshakes: HandshakeBook;
  start: StartWork;
  now: () => Date;
  log: Log;
}

export interface WebhookRequest {
  head: WebhookHead;
  raw: Buffer;
  requestId: string;
}

export type WebhookAnswer =
  /** `key`: what the sender calls it. */
  | { kind: "accepted" | "repeated"; key: string | null }
  | { kind: "ignored"; reason: string }
  | { kind: "refused" | "invalid" | "conflict"; message: string };

export interface WebhookDoor {
  /** Without its secret a sender's route does not exist. */
  isOpen(sender: Sender): Promise<boolean>;
  limitBytes(sender: Sender): number;
  /** Before the body is read: why this request goes no further; null = it may. */
  turnAway(sender: Sender, head: WebhookHead): string | null;
  /** Durable when it says "accepted". */
  receive(sender: Sender, request: WebhookRequest): Promise<WebhookAnswer>;
  /** Waits for Notion's verification token, for whoever holds the API key; null = there is no such key. */
  awaitHandshake: (() => Promise<HandshakeState>) | null;
}

/** A delivery that was taken down but not started (the process died) is started by its repetition, within a day. */
const START_AGAIN_MS = 86_400_000;

interface Entrance {
  rules: SenderRules;
  secret: string | null;
}

export function createWebhookDoor(deps: WebhookDoorDeps): WebhookDoor {
  const { secrets } = deps;
  const entrances: Record<Sender, Entrance> = {
    inbox: { rules: inboxSender(secrets.apiKeyHeader), secret: secrets.apiKey },
    notion: { rules: notionSender(deps.watchedDatabases), secret: secrets.notion },
    alertmanager: { rules: alertmanager, secret: secrets.alertmanager },
    railway: { rules: railwaySender(deps.scope), secret: secrets.railway },
    sentry: { rules: sentry, secret: secrets.sentry },
  };
  const handshake = createHandshake({ book: deps.handshakes, now: deps.now });
  const mayAwait = secrets.apiKey !== null;
  return {
    async isOpen(sender) {
      if (entrances[sender].secret !== null) return true;
      return sender === "notion" && mayAwait && (await handshake.isAwaited());
    },
    limitBytes: (sender) => entrances[sender].rules.limitBytes,
    turnAway(sender, head) {
      const { rules, secret } = entrances[sender];
      if (rules.secretIn === null) return null;
      return secret !== null && isSameSecret(rules.secretIn(head), secret) ? null : rules.refusal;
    },
    receive: (sender, request) =>
      correlated(`http:${request.requestId}`, async () => {
        const answer = await receive(deps, { sender, request, entrance: entrances[sender], handshake });
        const reason = answer.kind === "ignored" ? answer.reason : undefined;
        deps.log.info({ sender, outcome: answer.kind, reason }, "webhook");
        return answer;
      }),
    awaitHandshake: mayAwait ? () => handshake.await() : null,
  };
}

interface Visit {
  sender: Sender;
  request: WebhookRequest;
  entrance: Entrance;
  handshake: Handshake;
}

async function receive(deps: WebhookDoorDeps, visit: Visit): Promise<WebhookAnswer> {
  const { sender, request, entrance } = visit;
  const { rules } = entrance;
  if (!isTheirs(entrance, request)) {
    return sender === "notion" && (await takeHandshake(visit))
      ? { kind: "ignored", reason: "handshake: the verification token came" }
      : { kind: "refused", message: rules.refusal };
  }
  const payload = parseJson(request.raw);
  if (payload === undefined) return { kind: "invalid", message: "The body is no JSON." };
  const receivedAt = deps.now();
  const reading = rules.read({ head: request.head, raw: request.raw, payload, receivedAt });
  if (reading.kind !== "work") return reading;
  const id = `${sender}:${reading.id}`;
  const delivery = await deps.deliveries.note(id, digestOf(JSON.stringify(reading.work)));
  if (!delivery.isFirst && sender === "inbox" && delivery.digest !== digestOf(JSON.stringify(reading.work))) {
    return { kind: "conflict", message: "This key was used before, with another text. Send a new key." };
  }
  const isRecent = receivedAt.getTime() - delivery.receivedAt.getTime() < START_AGAIN_MS;
  if (delivery.isFirst || isRecent) await deps.start(id, sender, reading.work);
  return { kind: delivery.isFirst ? "accepted" : "repeated", key: reading.key ?? null };
}

/** Whoever sends the secret along was asked for it in `turnAway`, and is asked again: this is the door that counts. */
function isTheirs({ rules, secret }: Entrance, { head, raw }: WebhookRequest): boolean {
  if (secret === null) return false;
  if (rules.secretIn !== null) return isSameSecret(rules.secretIn(head), secret);
  return isSignedWith(secret, raw, rules.signatureIn?.(head));
}

async function takeHandshake({ request, handshake }: Visit): Promise<boolean> {
  const token = verificationToken(parseJson(request.raw));
  return token !== null && (await handshake.take(token));
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString("utf8"));
  } catch {
    return undefined;
  }
}
