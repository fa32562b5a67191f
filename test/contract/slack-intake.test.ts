/** What comes in that is not ours, who people are, and how the Slack side says it is. */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { openOffice, type SlackOffice, seed } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

describe("what is not ours", () => {
  const body = (action: object, change: object = {}) =>
    new URLSearchParams({
      payload: JSON.stringify({
        type: "block_actions",
        team: { id: seed.team.id, domain: seed.team.domain },
        user: { id: people.dana, username: "dana", team_id: seed.team.id },
        channel: { id: channels.leadership, name: "leadership" },
        container: { type: "message" },
        trigger_id: `t.${Math.random()}`,
        actions: [{ type: "button", block_id: "b", action_ts: "1.1", ...action }],
        ...change,
      }),
    }).toString();

  async function send(text: string, change: { at?: number; signature?: string; type?: string } = {}) {
    const stamp = String(Math.floor((change.at ?? Date.now()) / 1000));
    const digest = createHmac("sha256", seed.signingSecret).update(`v0:${stamp}:${text}`).digest("hex");
    const answer = await fetch(at.endpoint, {
      method: "POST",
      headers: {
        "content-type": change.type ?? "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": change.signature ?? `v0=${digest}`,
      },
      body: text,
    });
    return answer.status;
  }

  test("a wrong signature, an old and a future timestamp are refused", async () => {
    const text = body({ action_id: "decision_approve", value: "{}" });
    expect(await send(text, { signature: `v0=${"0".repeat(64)}` })).toBe(401);
    expect(await send(text, { at: Date.now() - 6 * 60_000 })).toBe(401);
    expect(await send(text, { at: Date.now() + 6 * 60_000 })).toBe(401);
    expect(await send(text, { at: Date.now() + 60_000 })).toBe(200);
  });

  test("an oversized body is refused", async () => {
    expect(await send("x".repeat(1_200_000))).toBe(413);
  });

  test("a charset in the content type does no harm", async () => {
    const type = "application/x-www-form-urlencoded; charset=utf-8";
    expect(await send(body({ action_id: "old_button" }), { type })).toBe(200);
  });

  test("an unknown button is acknowledged and answered privately", async () => {
    expect(await send(body({ action_id: "old_button" }))).toBe(200);
    expect(await at.toldTo(people.dana)).toContain("This button no longer does anything");
  });

  test("a click that names another team is refused, whoever the user claims to be", async () => {
    const card = await at.postCard();
    const value = JSON.stringify({ id: card.id, hash: card.hash });
    const user = { id: people.dana, username: "dana", team_id: "T0PARTNER1" };
    expect(await send(body({ action_id: "decision_approve", value }, { user }))).toBe(200);
    expect(await at.toldTo(people.dana)).toContain("another Slack workspace");
    expect(at.books.clicks).toEqual([]);
    expect(at.books.audit).toMatchObject([{ action: "decision.approve", detail: "other-team" }]);
  });

  test("a submitted form is checked again: somebody who may not decide changes nothing", async () => {
    const card = await at.postCard();
    const view = {
      id: "V1",
      hash: "1.a",
      type: "modal",
      callback_id: "decision_reject_view",
      private_metadata: JSON.stringify({ id: card.id, hash: card.hash }),
      state: { values: { reject_reason: { reason: { type: "plain_text_input", value: "No" } } } },
    };
    const user = { id: people.lee, name: "lee", team_id: seed.team.id };
    expect(await send(body({}, { type: "view_submission", user, view, actions: undefined }))).toBe(200);
    expect(at.books.clicks).toEqual([]);
    expect(at.books.audit).toMatchObject([
      { actor: people.lee, action: "decision.reject", outcome: "refused", detail: "not-listed" },
    ]);
  });

  test("a button with a value that is not ours gets a clear answer", async () => {
    for (const value of ["", "{}", "nonsense", '{"id":1}']) {
      expect(await send(body({ action_id: "decision_approve", value }))).toBe(200);
    }
    expect(await at.toldTo(people.dana)).toContain("I cannot read what this button carries");
    expect(at.books.clicks).toEqual([]);
  });
});

describe("people", () => {
  test("a Notion user is matched by e-mail, or not at all", async () => {
    expect(await at.bot.people.slackPersonOf("notion-dana")).toEqual({
      slackId: people.dana,
      name: "Dana Reyes",
    });
    expect(await at.bot.people.slackPersonOf("notion-other")).toBeNull();
  });

  test("whoever is not known in Slack may not decide", async () => {
    expect(await at.bot.people.mayDecide({ slackId: null, name: "Kim" })).toMatchObject({ ok: false });
    expect(await at.bot.people.mayDecide({ slackId: people.dana, name: "Dana" })).toMatchObject({
      ok: true,
    });
    expect(await at.bot.people.mayDecide({ slackId: people.former, name: "Kim" })).toMatchObject({
      ok: false,
    });
  });
});

describe("health", () => {
  test("is ok when token and channels work", async () => {
    expect(await at.bot.checks.connection()).toMatchObject({ status: "ok" });
    expect(await at.bot.teamId()).toBe(seed.team.id);
  });

  test("is down when Slack does not answer or refuses the token", async () => {
    at.slack.faults.add({
      route: /auth\.test/,
      effect: { kind: "status", status: 200, code: "token_revoked" },
    });
    expect(await at.bot.checks.connection()).toMatchObject({
      status: "down",
      detail: expect.stringContaining("SLACK_BOT_TOKEN"),
    });
  });

  test("a refused token stops the start; a silent Slack does not", async () => {
    at.slack.faults.add({ route: /auth\.test/, times: 1, effect: { kind: "status", status: 503 } });
    await at.restart();
    expect(await at.bot.teamId()).toBe(seed.team.id);
    at.slack.faults.add({
      route: /auth\.test/,
      times: 1,
      effect: { kind: "status", status: 200, code: "invalid_auth" },
    });
    await expect(at.restart()).rejects.toMatchObject({ code: "slack_unauthorized" });
    await at.restart();
  });

  test("an app token that Slack refuses stops the start in Socket Mode", async () => {
    await expect(at.restart({ appToken: "xapp-wrong", signingSecret: null })).rejects.toMatchObject({
      code: "slack_unauthorized",
    });
    await at.restart();
  });

  test("HTTP needs the signing secret", async () => {
    const over = { signingSecret: null };
    await expect(at.restart(over)).rejects.toMatchObject({ code: "config_invalid" });
    await at.restart();
  });
});
