/** Whatever Slack signs: answered in time, understood or put aside, and nothing is decided that nobody may decide. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { toFailure } from "../../src/errors.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { ACTIONS, INPUTS, PREVIOUS_PAGE, SHORTCUTS, VIEWS } from "../../src/slack/ids.ts";
import { awkwardText, FUZZ_PATIENCE_MS, fuzzed, garbled, junk } from "../fixtures/fuzz.ts";
import { openOffice, type SlackOffice, seed } from "./slack-office.ts";

let office: SlackOffice;
let card: DecisionRecord;
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);

beforeAll(async () => {
  office = await openOffice();
  office.slack.hasRateLimits = false;
  card = await office.postCard();
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
});
afterAll(async () => {
  process.off("uncaughtException", note);
  process.off("unhandledRejection", note);
  await office.close();
});

let count = 0;
const fresh = (): string => {
  count += 1;
  return `fuzz.${count}`;
};

const person = fc.oneof(fc.constantFrom(people.dana, people.sam), fc.constantFrom(...Object.values(people)));
const user = person.map((id) => {
  return { id, username: "x", name: "x", team_id: id === people.stranger ? "T0PARTNER1" : seed.team.id };
});
const common = fc.record({ user }).map((who) => ({
  ...who,
  team: { id: seed.team.id, domain: seed.team.domain },
  api_app_id: "A1",
  token: "t",
  enterprise: null,
  is_enterprise_install: false,
}));

/** What our buttons carry, and what they do not. */
const value = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null).map(() => JSON.stringify({ id: card.id, hash: card.hash })) },
  fc.constant(null).map(() => JSON.stringify({ id: card.id, hash: card.hash, page: 3 })),
  fc.constantFrom(
    '{"id":"other","hash":"x"}',
    '{"id":"d-2","live":"d-3"}',
    '{"id":"a\\u0000b","hash":"c"}',
    '{"said":null,"breaks":[]}',
    '{"said":{"message":{"channel":"C1","ts":"x"},"rootTs":"","author":null,"place":"","permalink":null},"breaks":[""]}',
  ),
  awkwardText,
  junk.map((any) => JSON.stringify(any) ?? ""),
);

const action = fc.record({
  type: fc.constant("button"),
  action_id: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(ACTIONS.approve, ACTIONS.edit, ACTIONS.reject) },
    { weight: 6, arbitrary: fc.constantFrom(...Object.values(ACTIONS), PREVIOUS_PAGE) },
    { weight: 1, arbitrary: awkwardText },
  ),
  block_id: fc.constant("b"),
  value,
  action_ts: fc.constant("1.1"),
});

const typed = fc.oneof(awkwardText, fc.constantFrom("Because.", "first\nsecond\nthird"));
const inputs = fc
  .array(
    fc.tuple(fc.constantFrom(...Object.values(INPUTS)), typed).map(([{ block, action: id }, text]) => {
      const element = { type: "plain_text_input", value: text, selected_option: { value: text } };
      return [block, { [id]: element }] as const;
    }),
  )
  .map((all) => Object.fromEntries(all));

const view = fc.record({
  id: fc.constant(null).map(fresh),
  type: fc.constantFrom("modal", "home"),
  callback_id: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(VIEWS.edit, VIEWS.reject) },
    { weight: 4, arbitrary: fc.constantFrom(...Object.values(VIEWS)) },
    { weight: 1, arbitrary: awkwardText },
  ),
  private_metadata: value,
  hash: fc.constant("h"),
  state: inputs.map((values) => ({ values })),
  blocks: fc.constant([]),
});

const inChannel = () => ({
  channel: { id: channels.leadership, name: "leadership" },
  container: { type: "message", message_ts: card.card?.ts, channel_id: channels.leadership },
  message: { ts: card.card?.ts, text: "x" },
});
const triggered = <T>(body: fc.Arbitrary<T>) => body.map((all) => ({ ...all, trigger_id: fresh() }));

const payload = fc.oneof(
  triggered(
    fc.tuple(common, action).map(([who, one]) => {
      return { type: "block_actions", ...who, ...inChannel(), actions: [one] };
    }),
  ),
  triggered(
    fc.tuple(common, action, view).map(([who, one, shown]) => {
      return { type: "block_actions", ...who, view: shown, actions: [one] };
    }),
  ),
  triggered(
    fc.tuple(common, view).map(([who, shown]) => {
      return { type: "view_submission", ...who, view: shown, response_urls: [] };
    }),
  ),
  fc.tuple(common, view).map(([who, shown]) => {
    return { type: "view_closed", ...who, view: shown, is_cleared: false };
  }),
  triggered(
    common.map((who) => ({ type: "shortcut", ...who, callback_id: SHORTCUTS.new, action_ts: "1.1" })),
  ),
  triggered(
    fc.tuple(common, awkwardText).map(([who, text]) => {
      const message = {
        type: "message",
        user: people.lee,
        ts: "1.1",
        text,
        attachments: [{ text }],
        files: [],
      };
      const about = { callback_id: SHORTCUTS.capture, message_ts: "1.1", ...inChannel(), message };
      return { type: "message_action", ...who, ...about };
    }),
  ),
);

const event = fc
  .oneof(
    fc.tuple(user, fc.constantFrom("home", "messages")).map(([who, tab]) => {
      return { type: "app_home_opened", user: who.id, channel: "D1", tab, event_ts: "1.1" };
    }),
    fc.tuple(user, awkwardText).map(([who, text]) => ({
      ...{ type: "app_mention", user: who.id, ts: "1.1", text, team: who.team_id },
      ...{ channel: channels.leadership, thread_ts: "1.0", event_ts: "1.1", blocks: [] },
    })),
    fc.constant({ type: "reaction_added", user: people.lee, item: { channel: "C1" }, event_ts: "1.1" }),
  )
  .map((inner) => ({
    ...{ token: "t", team_id: seed.team.id, api_app_id: "A1", type: "event_callback", event: inner },
    ...{ event_id: fresh(), event_time: 1, authorizations: [{ team_id: seed.team.id, is_bot: true }] },
  }));

const WORDS =
  "add,health,poll,pending,alerts,maintenance,digest,budget,stats,incident,slo,deploys,rollback,audit,export,help";
const command = fc
  .record({
    who: user,
    word: fc.constantFrom("", ...WORDS.split(",")),
    rest: fc.oneof(
      awkwardText,
      fc.constantFrom("status", "to d-2", "pause because", "1h x", "open high It burns"),
    ),
  })
  .map(({ who, word, rest }) => ({
    ...{ team_id: who.team_id, channel_id: channels.leadership, user_id: who.id, command: "/emm" },
    ...{ text: `${word} ${rest}`, api_app_id: "A1", response_url: `${office.slack.url}/commands/none` },
    trigger_id: fresh(),
  }));

/** As Slack sends them: interactions and commands as forms, events as JSON. */
const request = fc.oneof(
  { weight: 5, arbitrary: payload.chain((body) => garbled(body)).map((body) => ({ kind: "payload", body })) },
  { weight: 2, arbitrary: event.chain((body) => garbled(body)).map((body) => ({ kind: "event", body })) },
  {
    weight: 2,
    arbitrary: command.chain((body) => garbled(body, 2)).map((body) => ({ kind: "command", body })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("payload", "event"), junk).map(([kind, body]) => ({ kind, body })),
  },
);

interface Sent {
  kind: string;
  body: unknown;
}

function encoded({ kind, body }: Sent): { body: string; contentType: string } {
  const form = "application/x-www-form-urlencoded";
  if (kind === "event") return { body: JSON.stringify(body), contentType: "application/json" };
  if (kind === "payload") {
    return { body: new URLSearchParams({ payload: JSON.stringify(body) }).toString(), contentType: form };
  }
  const fields = new URLSearchParams();
  for (const [name, field] of Object.entries(body ?? {})) {
    for (const one of Array.isArray(field) ? field : [field])
      fields.append(name, String(JSON.stringify(one) ?? ""));
    if (typeof field === "string") fields.set(name, field);
  }
  return { body: fields.toString(), contentType: form };
}

async function deliver(sent: Sent): Promise<{ status: number; text: string }> {
  const { body, contentType } = encoded(sent);
  const stamp = String(Math.floor(Date.now() / 1_000));
  const mac = createHmac("sha256", seed.signingSecret).update(`v0:${stamp}:${body}`).digest("hex");
  const answer = await fetch(office.endpoint, {
    method: "POST",
    headers: {
      "content-type": contentType,
      "x-slack-request-timestamp": stamp,
      "x-slack-signature": `v0=${mac}`,
    },
    body,
    signal: AbortSignal.timeout(3_000),
  });
  return { status: answer.status, text: await answer.text() };
}

async function atRest(): Promise<void> {
  while (office.bot.inFlight() > 0) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Slack's answers about people, places and triggers that do not exist. Anything else is a fault of ours. */
const MADE_UP =
  /: (invalid_trigger_id|user_not_in_channel|user_not_found|thread_not_found|channel_not_found)$/;
const ours = (faults: unknown[]) => faults.filter((fault) => !MADE_UP.test(toFailure(fault).message));

describe("anything that Slack could send, with something wrong in it", () => {
  it(
    "is acknowledged, breaks nothing, and decides nothing that this person may not decide",
    async () => {
      await fc.assert(
        fc.asyncProperty(request, async (sent) => {
          const { books } = office;
          books.decisions.set(card.id, card);
          Object.assign(books, { faults: [], clicks: [], audit: [] });
          expect(await deliver(sent)).toMatchObject({ status: 200 });
          await atRest();
          expect(ours(books.faults)).toEqual([]);
          expect(uncaught).toEqual([]);
          for (const click of books.clicks) {
            expect([people.dana, people.sam]).toContain(click.by.slackId);
            expect(sent.body).toMatchObject({ user: { id: click.by.slackId } });
          }
          // Whatever was done beside decisions and captures takes an operator.
          const done = books.audit.filter((entry) => entry.outcome === "done");
          expect(done.filter(({ actor }) => actor !== people.sam)).toEqual([]);
        }),
        fuzzed(150),
      );
    },
    FUZZ_PATIENCE_MS,
  );

  const who = {
    user: { id: people.dana, team_id: "T0ACME0001" },
    team: { id: "T0ACME0001" },
    trigger_id: "t",
  };
  const click = {
    type: "block_actions",
    ...who,
    actions: [{ type: "button", action_id: "decision_approve" }],
  };
  const form = {
    type: "view_submission",
    ...who,
    view: { id: "V1", type: "modal", callback_id: "gone_view" },
  };
  const said = {
    type: "event_callback",
    event: { type: "app_mention", channel: "C1", ts: "1.1", user: null },
  };

  it.each<[string, Sent]>([
    ["nothing", { kind: "payload", body: null }],
    ["a list", { kind: "payload", body: [] }],
    ["a click without a person", { kind: "payload", body: { ...click, user: null } }],
    ["a click without an action", { kind: "payload", body: { ...click, actions: [] } }],
    ["a click in no channel at all", { kind: "payload", body: { ...click, channel: null } }],
    ["a kind of its own", { kind: "payload", body: { ...click, type: "new_kind", actions: undefined } }],
    ["an event by nobody", { kind: "event", body: said }],
    ["a command with two texts", { kind: "command", body: { command: "/emm", text: ["a", "b"] } }],
  ])("puts %s aside, answered", async (_, sent) => {
    office.books.faults = [];
    expect(await deliver(sent)).toEqual({ status: 200, text: "" });
    await atRest();
    expect(office.books.faults).toEqual([]);
  });

  it.each([
    ["that it does not know", { ...form.view, private_metadata: "", state: { values: {} } }],
    ["that is not whole", { ...form.view, callback_id: "decision_edit_view", state: null }],
  ])("answers a form %s with what to do", async (_, broken) => {
    const answer = await deliver({ kind: "payload", body: { ...form, view: broken } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ response_action: "update", view: { type: "modal" } });
    expect(answer.text).toContain("Please open it again");
  });
});
