/** Items from forms, e-mail bridges and other bots, with the API key. The texts go into the inbox whole. */
import type { z } from "zod";
import { InboxPost, idempotencyKey } from "../domain/inbox-post.ts";
import { BODY_LIMITS, type Reading, type SenderRules, type WebhookHead } from "./sender.ts";
import { digestOf, plainText } from "./text.ts";

/** Without a key of its own, the same text within the same hour is taken for a repetition. */
const SAME_TEXT_MS = 3_600_000;
const DEFAULT_SOURCE = "Webhook";

export function inboxSender(apiKeyHeader: string): SenderRules {
  return {
    secretIn: ({ header }) => header(apiKeyHeader),
    refusal: `Send the API key in the ${apiKeyHeader} header.`,
    limitBytes: BODY_LIMITS.events,
    read: ({ payload, head, receivedAt }): Reading => {
      const parsed = InboxPost.safeParse(payload);
      if (!parsed.success) return { kind: "invalid", message: sentenceOf(parsed.error) };
      const post = parsed.data;
      const chosen = chooseKey(head, post.key ?? null);
      if (chosen.kind === "invalid") return chosen;
      const source = plainText(post.source) || DEFAULT_SOURCE;
      const item = { title: plainText(post.title), content: plainText(post.content), source };
      const requester = plainText(post.requested_by) || null;
      const window = Math.floor(receivedAt.getTime() / SAME_TEXT_MS);
      const key = chosen.key ?? `auto-${digestOf(JSON.stringify([item, requester, window])).slice(0, 32)}`;
      const id = digestOf(key).slice(0, 32);
      return { kind: "work", id, key, work: { kind: "item", key: `inbox-${id}`, item, requester } };
    },
  };
}

type Chosen = { kind: "chosen"; key: string | null } | { kind: "invalid"; message: string };

function chooseKey({ header }: WebhookHead, inBody: string | null): Chosen {
  const given = header("idempotency-key")?.trim();
  if (given === undefined || given === "") return { kind: "chosen", key: inBody };
  const parsed = idempotencyKey("Idempotency-Key").safeParse(given);
  if (!parsed.success) return { kind: "invalid", message: sentenceOf(parsed.error) };
  if (inBody !== null && inBody !== given) {
    return { kind: "invalid", message: "Idempotency-Key and key: two different ones were sent; send one." };
  }
  return { kind: "chosen", key: given };
}

function sentenceOf({ issues }: z.ZodError): string {
  return `${issues.map(({ message }) => message).join("; ")}.`;
}
