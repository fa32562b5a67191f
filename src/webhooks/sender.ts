/** What every sender brings along: how it is known, how much it may send, and how its messages are read. */
import { createHmac } from "node:crypto";
import { isSameSecret } from "../domain/secret.ts";
import type { WebhookWork } from "../domain/webhook.ts";

/** What is known of a request before its body is read. */
export interface WebhookHead {
  header(name: string): string | undefined;
  /** From the address. */
  query(name: string): string | undefined;
}

export interface WebhookBody {
  head: WebhookHead;
  raw: Buffer;
  /** Parsed JSON. */
  payload: unknown;
  receivedAt: Date;
}

export type Reading =
  /**
   * `id` names the delivery among those of its sender: what is sent again has the same one. `key`: the name that the
   * sender gave it, and is answered.
   */
  | { kind: "work"; id: string; work: WebhookWork; key?: string }
  | { kind: "ignored"; reason: string }
  /** `message` names what is wrong and the fix; it never repeats what was sent. */
  | { kind: "invalid"; message: string };

export interface SenderRules {
  /** The secret travels with the request, so that nothing needs to be read of a stranger. null = it signs the body. */
  secretIn: ((head: WebhookHead) => string | undefined) | null;
  /** For those who sign: the hex digest of HMAC-SHA256 over the raw body. */
  signatureIn?: (head: WebhookHead) => string | undefined;
  /** Said to whoever is not known. */
  refusal: string;
  limitBytes: number;
  read(body: WebhookBody): Reading;
}

const MEBIBYTE = 1_048_576;
export const BODY_LIMITS = { events: MEBIBYTE, alerts: 4 * MEBIBYTE } as const;

/** `Authorization: Bearer …`, or the password of `Basic …`. */
export function credentialsOf({ header }: WebhookHead): string | undefined {
  const [, scheme = "", value = ""] = /^(Bearer|Basic) +(\S+)$/i.exec(header("authorization") ?? "") ?? [];
  if (scheme.toLowerCase() !== "basic") return value === "" ? undefined : value;
  return Buffer.from(value, "base64").toString("utf8").split(":").slice(1).join(":");
}

export function isSignedWith(secret: string, raw: Buffer, signature: string | undefined): boolean {
  return isSameSecret(signature?.toLowerCase(), createHmac("sha256", secret).update(raw).digest("hex"));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Follows names into an object; undefined where there is nothing. */
export function valueAt(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((place, name) => {
    return isRecord(place) && Object.hasOwn(place, name) ? place[name] : undefined;
  }, value);
}
