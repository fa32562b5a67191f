/** What forms, e-mail bridges and other bots post to the inbox, and how much of it. Messages name the field and the fix. */
import { z } from "zod";

export const INBOX_LIMITS = { title: 250, content: 100_000, source: 60, requestedBy: 200, key: 200 } as const;

function text(name: string, max: number) {
  return z
    .string({ error: `${name}: a text is expected` })
    .max(max, { error: `${name}: at most ${max} characters` });
}

/** Shown on one line wherever it is shown. */
function line(name: string, max: number) {
  return text(name, max).regex(/^[^\r\n\t]*$/, { error: `${name}: a single line is expected` });
}

/** Names what is posted, so that posting it again does not add it again. */
export function idempotencyKey(name: string) {
  return text(name, INBOX_LIMITS.key).regex(/^[\x21-\x7e]+$/, {
    error: `${name}: printable ASCII without blanks is expected`,
  });
}

/** Blanks, control and zero-width characters alone would make an item that nobody can read. */
function saysSomething(text: string | null | undefined): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(text ?? "");
}

export const InboxPost = z
  .strictObject(
    {
      title: line("title", INBOX_LIMITS.title)
        .nullish()
        .meta({ description: "Left out: taken from the first line of content" }),
      content: text("content", INBOX_LIMITS.content).nullish().meta({ description: "Kept whole" }),
      source: line("source", INBOX_LIMITS.source)
        .nullish()
        .meta({ description: "Where it comes from, e.g. E-mail; left out: Webhook" }),
      requested_by: line("requested_by", INBOX_LIMITS.requestedBy)
        .nullish()
        .meta({ description: "Who asks: Slack user id or e-mail address, told of the outcome; or a name" }),
      key: idempotencyKey("key")
        .nullish()
        .meta({ description: "As the header Idempotency-Key: the same one adds once" }),
    },
    {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? "only title, content, source, requested_by and key are known"
          : "a JSON object is expected",
    },
  )
  .refine((post) => [post.title, post.content].some(saysSomething), {
    error: "title or content: one of them must say something",
  })
  .meta({ id: "InboxPost" });
