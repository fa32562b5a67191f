/**
 * Whether a delivery looks like something Slack sends, asked before Bolt and every handler take its fields for granted.
 * The signature says who sent it, not that it is whole. Only the shape is judged here: ids, values and texts may say
 * anything. What is not there counts as absent only where Slack leaves it out too.
 */
import { z } from "zod";

/** Neither PostgreSQL nor Slack's methods take control characters or halves of surrogate pairs. */
const word = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\p{Cc}\p{Surrogate}]*$/u);
const maybeWord = word.nullish();
const maybeText = z.string().nullish();
const webAddress = z.url({ protocol: /^https?$/ });

const Person = z.looseObject({ id: word, team_id: maybeWord });
const Named = z.looseObject({ id: word });
const Everywhere = z.looseObject({
  user: Person,
  team: z.looseObject({ id: maybeWord }).nullish(),
  enterprise: z.looseObject({}).nullish(),
  channel: z.looseObject({ id: word, name: maybeText }).optional(),
  trigger_id: maybeWord,
  response_url: webAddress.nullish(),
  is_enterprise_install: z.union([z.boolean(), z.string()]).nullish(),
});

const Chosen = z.looseObject({ value: maybeText });
const Element = z.looseObject({ value: maybeText, selected_option: Chosen.nullish() });
const View = z.looseObject({
  id: word,
  type: word,
  callback_id: z.string(),
  private_metadata: z.string(),
  hash: maybeText,
  app_installed_team_id: maybeWord,
});
const FilledView = View.extend({
  state: z.looseObject({ values: z.record(z.string(), z.record(z.string(), Element)) }),
});

const Action = z.looseObject({
  type: word,
  action_id: z.string(),
  block_id: maybeText,
  value: maybeText,
  selected_option: Chosen.nullish(),
  url: maybeText,
});

const INTERACTIONS = {
  block_actions: Everywhere.extend({
    trigger_id: word,
    actions: z.array(Action).min(1),
    view: View.nullish(),
  }),
  view_submission: Everywhere.extend({
    view: FilledView,
    response_urls: z.array(z.looseObject({ response_url: webAddress })).optional(),
  }),
  view_closed: Everywhere.extend({ view: View }),
  shortcut: Everywhere.extend({ callback_id: z.string(), trigger_id: word }),
  message_action: Everywhere.extend({
    ...{ callback_id: z.string(), trigger_id: word },
    ...{ channel: Named.extend({ name: z.string() }), message_ts: word, message: z.looseObject({}) },
  }),
} as const satisfies Record<string, z.ZodType>;

const Command = z.looseObject({
  ...{ command: word, user_id: word, team_id: word, channel_id: word },
  ...{ trigger_id: maybeWord, response_url: webAddress.nullish(), text: maybeText },
});

const Authorizations = z.array(z.looseObject({ team_id: maybeWord })).nullish();
const EVENTS = {
  app_mention: z.looseObject({
    ...{ channel: word, ts: word, text: z.string().default("") },
    ...{ user: maybeWord, bot_id: maybeWord, team: maybeWord, thread_ts: maybeWord },
  }),
  app_home_opened: z.looseObject({ user: word, tab: maybeWord, channel: maybeWord }),
} as const satisfies Record<string, z.ZodType>;

/** What Bolt itself looks into, whatever the event. */
const AnyEvent = z.looseObject({
  type: word,
  channel: z.union([word, Named]).optional(),
  channel_id: maybeWord,
  user: z.union([word, Named]).optional(),
  item: z.looseObject({}).optional(),
  subteam: z.looseObject({}).optional(),
});
const EventCallback = z.looseObject({
  ...{ type: z.literal("event_callback"), event: AnyEvent, authorizations: Authorizations },
  ...{ event_id: maybeWord, team_id: maybeWord },
});

/** True when every field that is read without another look has its form. */
export function isReadable(body: unknown): boolean {
  if (!isRecord(body)) return false;
  if (Object.hasOwn(body, "event")) return isReadableEvent(body);
  if (Object.hasOwn(body, "command")) return Command.safeParse(body).success;
  const schema = ownSchema(INTERACTIONS, body["type"]);
  return schema !== null && !misleads(body) && schema.safeParse(body).success;
}

function isReadableEvent(body: Record<string, unknown>): boolean {
  const outer = EventCallback.safeParse(body);
  if (!outer.success) return false;
  const schema = ownSchema(EVENTS, outer.data.event.type);
  return schema === null || schema.safeParse(outer.data.event).success;
}

/** By these Bolt takes an interaction for another kind than its type says. */
function misleads(body: Record<string, unknown>): boolean {
  return Object.hasOwn(body, "name") || (Object.hasOwn(body, "actions") && body["type"] !== "block_actions");
}

function ownSchema(schemas: Record<string, z.ZodType>, type: unknown): z.ZodType | null {
  return typeof type === "string" && Object.hasOwn(schemas, type) ? (schemas[type] ?? null) : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
