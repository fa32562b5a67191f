import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import {
  type BoltOnStandIn,
  card,
  createSignal,
  option,
  plain,
  startBoltOnStandIn,
} from "../fixtures/bolt-on-slack-stand-in.ts";

let bolt: BoltOnStandIn;
let slack: BoltOnStandIn["slack"];
let app: BoltOnStandIn["app"];

beforeEach(async () => {
  bolt = await startBoltOnStandIn();
  ({ slack, app } = bolt);
});

afterEach(() => bolt.close());

async function postCard(): Promise<string> {
  const posted = await app.client.chat.postMessage({
    channel: channels.leadership,
    text: "Raise prices?",
    blocks: card,
  });
  return posted.ts ?? "";
}

function clickOn(ts: string, user: string = people.dana) {
  return slack.click({ user, channel: channels.leadership, ts, actionId: "decision_approve" });
}

describe("modals", () => {
  const form = {
    type: "modal" as const,
    callback_id: "decision_edit_view",
    private_metadata: "pipe:1",
    title: plain("Edit"),
    submit: plain("Save"),
    notify_on_close: true,
    blocks: [
      {
        type: "input",
        block_id: "reason",
        label: plain("Reason"),
        element: { type: "plain_text_input" as const, action_id: "text" },
      },
      {
        type: "input",
        block_id: "option",
        label: plain("Option"),
        element: {
          type: "static_select" as const,
          action_id: "pick",
          options: [option("A"), option("B")],
          initial_option: option("A"),
        },
      },
      {
        type: "input",
        block_id: "due",
        label: plain("Due"),
        optional: true,
        element: { type: "datepicker" as const, action_id: "date" },
      },
    ],
  };

  async function openForm(): Promise<string> {
    app.action("decision_approve", async ({ ack, body, client }) => {
      await ack();
      await client.views.open({ trigger_id: "trigger_id" in body ? body.trigger_id : "", view: form });
      opened.reach();
    });
    const opened = createSignal();
    await clickOn(await postCard());
    await opened.reached;
    return slack.modals(people.dana)[0]?.id ?? "";
  }

  test("a submission carries what was entered and the initial values of the rest", async () => {
    const seen: unknown[] = [];
    app.view("decision_edit_view", async ({ ack, body, view }) => {
      seen.push(body.user.id, view.private_metadata, view.state.values);
      await ack();
    });
    const viewId = await openForm();
    const delivery = await slack.submit({
      user: people.dana,
      viewId,
      values: { reason: { text: { value: "cheaper" } } },
    });
    expect(delivery).toMatchObject({ status: 200, error: null });
    expect(seen).toEqual([
      people.dana,
      "pipe:1",
      {
        reason: { text: { type: "plain_text_input", value: "cheaper" } },
        option: { pick: { type: "static_select", selected_option: option("A") } },
        due: { date: { type: "datepicker", selected_date: null } },
      },
    ]);
    expect(slack.modals(people.dana)).toEqual([]);
  });

  test("the client refuses an empty required field; the bot's errors are shown and the form stays", async () => {
    let submissions = 0;
    app.view("decision_edit_view", async ({ ack }) => {
      submissions += 1;
      await ack({ response_action: "errors", errors: { reason: "Say more" } });
    });
    const viewId = await openForm();
    expect(await slack.submit({ user: people.dana, viewId, values: {} })).toMatchObject({
      error: "invalid_input",
    });
    expect(submissions).toBe(0);
    const values = { reason: { text: "no" }, option: { pick: "B" } };
    expect(await slack.submit({ user: people.dana, viewId, values })).toMatchObject({ error: null });
    expect(slack.modals(people.dana)).toMatchObject([{ id: viewId, errors: { reason: "Say more" } }]);
  });

  test("errors for a block that is no input, and an invalid view, are shown as trouble", async () => {
    const answers = [
      { response_action: "errors", errors: { nowhere: "?" } },
      { response_action: "update", view: { ...form, title: plain("x".repeat(25)) } },
    ] as const;
    let next = 0;
    app.view("decision_edit_view", async ({ ack }) => {
      const answer = answers[next];
      next += 1;
      if (answer !== undefined) await ack(answer);
    });
    const submission = { user: people.dana, viewId: await openForm(), values: { reason: { text: "why" } } };
    expect((await slack.submit(submission)).error).toBe("invalid_response: no input block nowhere");
    expect((await slack.submit(submission)).error).toContain("/view/title/text");
  });

  test("a push goes on top, a close tells the bot, an update keeps what was entered", async () => {
    const closed: unknown[] = [];
    app.view("decision_edit_view", async ({ ack }) =>
      ack({ response_action: "push", view: { ...form, callback_id: "second" } }),
    );
    app.view({ callback_id: "second", type: "view_closed" }, async ({ ack, body }) => {
      closed.push(body.type, body.user.id);
      await ack();
    });
    app.view({ callback_id: "second", type: "view_submission" }, async ({ ack }) =>
      ack({ response_action: "update", view: { ...form, callback_id: "second" } }),
    );
    const viewId = await openForm();
    await slack.submit({ user: people.dana, viewId, values: { reason: { text: "why" } } });
    const [below, top] = slack.modals(people.dana);
    expect(below?.id).toBe(viewId);
    expect(await slack.submit({ user: people.dana, viewId, values: {} })).toMatchObject({
      error: "view_not_found",
    });
    const second = { user: people.dana, viewId: top?.id ?? "" };
    expect(await slack.submit({ ...second, values: { reason: { text: "kept" } } })).toMatchObject({
      error: null,
    });
    expect(await slack.submit({ ...second, values: {} })).toMatchObject({ error: null });
    await slack.closeModal(people.dana);
    expect(closed).toEqual(["view_closed", people.dana]);
    expect(slack.modals(people.dana).map((view) => view.id)).toEqual([viewId]);
  });

  test("a trigger works once and for three seconds; a hash guards updates", async () => {
    const triggers: string[] = [];
    app.shortcut("emm_new", async ({ ack, body }) => {
      triggers.push(body.trigger_id);
      await ack();
    });
    for (let n = 0; n < 2; n += 1) await slack.shortcut({ user: people.lee, callbackId: "emm_new" });
    const open = (trigger_id = "") => app.client.views.open({ trigger_id, view: form });
    const opened = await open(triggers[0]);
    await expect(open(triggers[0])).rejects.toMatchObject({ data: { error: "exchanged_trigger_id" } });
    bolt.clock.now += 3_001;
    await expect(open(triggers[1])).rejects.toMatchObject({ data: { error: "expired_trigger_id" } });
    await expect(open("1.2.3")).rejects.toMatchObject({ data: { error: "invalid_trigger_id" } });
    const stale = { view_id: opened.view?.id ?? "", hash: opened.view?.hash ?? "", view: form };
    await app.client.views.update(stale);
    await expect(app.client.views.update(stale)).rejects.toMatchObject({ data: { error: "hash_conflict" } });
    await expect(app.client.views.update({ view_id: "V0NONE", view: form })).rejects.toMatchObject({
      data: { error: "not_found" },
    });
    const bad = { ...form, private_metadata: "x".repeat(3001) };
    await expect(
      app.client.views.update({ view_id: opened.view?.id ?? "", view: bad }),
    ).rejects.toMatchObject({
      data: {
        error: "invalid_arguments",
        response_metadata: { messages: [expect.stringContaining("/view/private_metadata")] },
      },
    });
  });
});
