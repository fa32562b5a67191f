/** What receiving webhooks needs from the rest of the bot. */
import type { Sender, WebhookWork } from "../domain/webhook.ts";

/** Remembers deliveries, for all replicas. */
export interface DeliveryBook {
  /** Notes the delivery unless it is known. `digest` of the first one with this id, and when it came. */
  note(id: string, digest: string): Promise<{ isFirst: boolean; digest: string; receivedAt: Date }>;
}

/** Starts the work on a delivery. Durable once it returns; the same id is worked on once. */
export type StartWork = (id: string, sender: Sender, work: WebhookWork) => Promise<void>;

/** The token that Notion sends once, when a subscription is made. It becomes WEBHOOK_SECRET_NOTION. */
export interface HandshakeState {
  /** ISO. */
  openUntil: string;
  token: string | null;
}

export interface HandshakeBook {
  get(): Promise<HandshakeState | null>;
  set(state: HandshakeState): Promise<void>;
  forget(): Promise<void>;
}

export interface WebhookSecrets {
  notion: string | null;
  alertmanager: string | null;
  railway: string | null;
  sentry: string | null;
  /** Of the inbox: the API key and the header that carries it. */
  apiKey: string | null;
  apiKeyHeader: string;
}
