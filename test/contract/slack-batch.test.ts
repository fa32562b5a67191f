/** Another option from the card, and several decisions of low impact in one form. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DecisionRecord } from "../../src/domain/decision.ts";
import { channels, people } from "../../src/sandbox/slack/workspace-seed.ts";
import { encodeOptionValue } from "../../src/slack/ids.ts";
import { analysis, decision, outcome } from "../fixtures/decision.ts";
import { openOffice, type SlackOffice } from "./slack-office.ts";

let at: SlackOffice;
beforeEach(async () => {
  at = await openOffice();
});
afterEach(() => at.close());

const HOUR_MS = 3_600_000;
const fromNow = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
const rated = (impact: number) => ({ ...analysis, triage: { ...analysis.triage, impact } });
let made = 0;
const dated = (title: string, change: Partial<DecisionRecord> = {}) => {
  made += 1;
  const id = `pipe-${title.toLowerCase()}`;
  const times = { createdAt: fromNow(made / 1_000 - 100), expiresAt: fromNow(100) };
  return { id, title, analysis: rated(4), ...times, ...change };
};
const post = (title: string) => at.postCard(dated(title));
/** On the desk; its card is somewhere. */
const fresh = (title: string, change: Partial<DecisionRecord> = {}): DecisionRecord => {
  const cardUrl = `https://acme.slack.com/archives/C0LEADERS1/p${made}`;
  const record = decision({ ...dated(title, change), cardUrl });
  at.books.decisions.set(record.id, record);
  return record;
};
const modalShows = (user: string, words: string) => at.settled(() => at.modalOf(user).includes(words));
const emmPending = (user: string) =>
  at.slack.command({ user, channel: channels.leadership, command: "/emm", text: "pending" });

/** Opens the form from the answer to `/emm pending`. */
async function openBatch(user: string): Promise<void> {
  await emmPending(user);
  const shown = () =>
    at.slack
      .messages(channels.leadership)
      .findLast((one) => one.visibleTo === user && JSON.stringify(one.blocks).includes("decisions_batch"));
  await at.settled(() => shown() !== undefined);
  const { ts = "" } = shown() ?? {};
  await at.slack.click({ user, channel: channels.leadership, ts, actionId: "decisions_batch" });
  await modalShows(user, "decisions_batch_view");
}

const choices = (...chosen: ("approve" | "reject" | "leave")[]) =>
  Object.fromEntries(
    chosen.map((value, index) => [
      `batch_choice_${index}`,
      { choice: { type: "static_select", selected_option: { value } } },
    ]),
  );
const because = (value: string) => ({ batch_reason: { reason: { type: "plain_text_input", value } } });
const submit = (user: string, values: Record<string, Record<string, unknown>>) =>
  at.slack.submit({ user, viewId: at.viewIdOf(user), values });

describe("another option", () => {
  const choose = (card: DecisionRecord, user: string, option: "B" | "C") =>
    at.slack.click({
      ...{ user, channel: card.card?.channel ?? "", ts: card.card?.ts ?? "", actionId: "decision_option" },
      selected: encodeOptionValue({ option, id: card.id, hash: card.hash }),
    });

  test("opens the Edit form with it chosen, says what the rest was written for, and decides nothing", async () => {
    const card = await post("Billing");
    await choose(card, people.dana, "C");
    await modalShows(people.dana, "decision_edit_view");
    const form = at.modalOf(people.dana);
    expect(form).toContain('"initial_option":{"text":{"type":"plain_text","text":"C. Usage pricing"');
    expect(form).toContain(
      "were written for *A. Annual plans first*. Please change what does not fit *C. Usage",
    );
    expect(at.books.clicks).toEqual([]);
    await at.settled(() => (at.books.decisions.get(card.id)?.rev ?? 0) > card.rev);
    await submit(people.dana, {});
    await at.settled(() => at.books.clicks.length === 1);
    expect(at.books.clicks[0]?.choice).toMatchObject({
      kind: "edit",
      edits: { option: "C", tasks: card.proposal.tasks },
    });
  });

  test("is refused to who may not decide, and written down; the card stays as it is", async () => {
    const card = await post("Billing");
    await choose(card, people.lee, "B");
    expect(await at.toldTo(people.lee)).toContain("You may not decide");
    expect(at.books.audit).toMatchObject([{ action: "decision.edit", outcome: "refused", subject: card.id }]);
    // Until every listener is done.
    await at.restart();
    expect(at.books.decisions.get(card.id)?.rev).toBe(card.rev);
  });

  test("on a card that was decided meanwhile says who decided", async () => {
    const card = await post("Billing");
    at.books.decisions.set(card.id, { ...card, state: { kind: "recording", outcome: outcome() } });
    await choose(card, people.sam, "B");
    expect(await at.toldTo(people.sam)).toContain("Already decided: this was approved by Dana Reyes");
  });
});

describe("several decisions in one form", () => {
  test("are those of low impact that are open and not one's own, oldest first, each a decision of its own", async () => {
    fresh("Chairs");
    fresh("Lamps");
    fresh("Desks");
    fresh("Expansion", { analysis: rated(8) });
    fresh("Unrated", { analysis: rated(Number.NaN) });
    fresh("Overdue", { expiresAt: fromNow(-1) });
    fresh("Own", { requestedBy: people.dana });
    await openBatch(people.dana);
    const form = at.modalOf(people.dana);
    expect([...form.matchAll(/\*\d\. <[^|]+\|(\w+)>/g)].map(([, title]) => title)).toEqual([
      "Chairs",
      "Lamps",
      "Desks",
    ]);
    await submit(people.dana, { ...choices("approve", "reject", "leave"), ...because("Not this year.") });
    await modalShows(people.dana, "2 decided");
    expect(at.books.clicks).toMatchObject([
      { decisionId: "pipe-chairs", choice: { kind: "approve" }, by: { slackId: people.dana } },
      { decisionId: "pipe-lamps", choice: { kind: "reject", reason: "Not this year." } },
    ]);
    const result = at.modalOf(people.dana);
    expect(result).toMatch(/Chairs>: approved\./);
    expect(result).toMatch(/Lamps>: rejected\./);
    expect(result).toContain("1 left open");
    expect(at.books.audit).toEqual([]);
  });

  test("each result is said: one that was decided or changed meanwhile keeps no other back", async () => {
    const [chairs, lamps] = [fresh("Chairs"), fresh("Lamps")];
    fresh("Desks");
    await openBatch(people.dana);
    const state = {
      kind: "recording",
      outcome: outcome({ by: { slackId: people.sam, name: "Sam Okafor" } }),
    };
    at.books.decisions.set(chairs.id, { ...chairs, state: state as DecisionRecord["state"] });
    at.books.decisions.set(lamps.id, { ...lamps, hash: "0".repeat(32) });
    await submit(people.dana, choices("approve", "approve", "approve"));
    await modalShows(people.dana, "1 decided");
    const result = at.modalOf(people.dana);
    expect(result).toContain("2 not decided");
    expect(result).toContain("Already decided: this was approved by Sam Okafor");
    expect(result).toContain("What you saw has changed since");
    expect(at.books.clicks.map(({ decisionId }) => decisionId)).toEqual(["pipe-desks"]);
    expect(at.books.audit).toMatchObject([
      { subject: chairs.id, action: "decision.approve", outcome: "refused", detail: "already-decided" },
      { subject: lamps.id, action: "decision.approve", outcome: "refused", detail: "stale" },
    ]);
  });

  test("asks for a reason when any is rejected, and says so when all were left", async () => {
    fresh("Chairs");
    fresh("Lamps");
    await openBatch(people.dana);
    await submit(people.dana, choices("reject", "leave"));
    expect(at.slack.modals(people.dana).at(-1)?.errors).toEqual({
      batch_reason: "Please say why in a few words: it is kept with each one you reject.",
    });
    expect(at.books.clicks).toEqual([]);
    await submit(people.dana, choices("leave", "leave"));
    await modalShows(people.dana, "Everything was left open.");
    expect(at.books.clicks).toEqual([]);
  });

  test("what has a high impact is not decided in it, whatever the form that is sent in carries", async () => {
    const chairs = fresh("Chairs");
    const expansion = fresh("Expansion", { analysis: rated(8) });
    const items = [chairs, expansion].map(({ id, hash }) => [id, hash]);
    const payload = {
      ...{ type: "view_submission", response_urls: [], api_app_id: "A1", token: "t", trigger_id: "forged.1" },
      team: { id: "T0ACME0001", domain: "acme-example" },
      user: { id: people.dana, username: "x", name: "x", team_id: "T0ACME0001" },
      view: {
        ...{ id: "V1", type: "modal", hash: "h", blocks: [], callback_id: "decisions_batch_view" },
        private_metadata: JSON.stringify({ items }),
        state: { values: choices("approve", "approve") },
      },
    };
    await at.slack.send(new URLSearchParams({ payload: JSON.stringify(payload) }).toString());
    await at.settled(() => at.books.audit.length > 0);
    expect(at.books.clicks.map(({ decisionId }) => decisionId)).toEqual([chairs.id]);
    expect(at.books.audit).toMatchObject([
      { subject: expansion.id, action: "decision.approve", outcome: "refused", detail: "high-impact" },
    ]);
  });

  test("a right that ended while the form was open is refused for each, and written down", async () => {
    const [chairs, lamps] = [fresh("Chairs"), fresh("Lamps")];
    await openBatch(people.dana);
    await at.restart({ approvers: [people.sam] });
    await submit(people.dana, choices("approve", "approve"));
    await modalShows(people.dana, "2 not decided");
    expect(at.books.clicks).toEqual([]);
    expect(at.books.audit).toMatchObject([
      { actor: people.dana, subject: chairs.id, action: "decision.approve", detail: "not-listed" },
      { actor: people.dana, subject: lamps.id, action: "decision.approve", detail: "not-listed" },
    ]);
  });

  test("is offered to nobody else: a member sees the list alone, and a forged click is refused", async () => {
    const card = fresh("Chairs");
    fresh("Lamps");
    await emmPending(people.lee);
    expect(await at.toldTo(people.lee)).toContain("2 open decisions");
    const seen = JSON.stringify(
      at.slack.messages(channels.leadership).filter((one) => one.visibleTo === people.lee),
    );
    expect(seen).not.toContain("decisions_batch");
    // The button of somebody who had the right when it was drawn.
    await openBatch(people.dana);
    await at.restart({ approvers: [people.sam] });
    const { ts = "" } =
      at.slack.messages(channels.leadership).findLast((one) => one.visibleTo === people.dana) ?? {};
    const click = { user: people.dana, channel: channels.leadership, ts, actionId: "decisions_batch" };
    await at.slack.click(click);
    await at.settled(() => at.books.audit.length > 0);
    expect(at.books.audit).toMatchObject([
      { actor: people.dana, action: "decision.batch", subject: card.id, outcome: "refused" },
    ]);
  });

  test("on the Home tab leads to the same form, and the tab is published again", async () => {
    fresh("Chairs");
    fresh("Lamps");
    await at.slack.openHome(people.dana);
    const home = () => JSON.stringify(at.slack.home(people.dana)?.view ?? null);
    await at.settled(() => home().includes("Decide several at once (2)"));
    const viewId = at.slack.home(people.dana)?.id ?? "";
    await at.slack.clickInView({ user: people.dana, viewId, actionId: "decisions_batch" });
    await modalShows(people.dana, "decisions_batch_view");
    await submit(people.dana, choices("approve", "approve"));
    await at.settled(() => home().includes("No decision is open."));
  });

  test("when it breaks, that is said in the form, and what was decided before stays decided", async () => {
    fresh("Chairs");
    const lamps = fresh("Lamps");
    await openBatch(people.dana);
    const broken = () => (at.books.clicks.length > 0 ? new Error("the store is gone") : null);
    Object.defineProperty(at.books, "broken", { get: broken });
    await submit(people.dana, choices("approve", "approve"));
    await modalShows(people.dana, "did not work");
    expect(at.books.decisions.get("pipe-chairs")?.state.kind).toBe("recording");
    expect(at.books.decisions.get(lamps.id)?.state.kind).toBe("pending");
    expect(at.books.faults).toHaveLength(1);
  });

  test("too slow for the form is told directly", async () => {
    fresh("Chairs");
    fresh("Lamps");
    await openBatch(people.dana);
    let release = () => {};
    at.books.slowness = new Promise((resolve) => {
      release = resolve;
    });
    await submit(people.dana, choices("approve", "approve"));
    await modalShows(people.dana, "takes longer than usual");
    release();
    const direct = () => JSON.stringify(at.slack.messages(at.slack.directMessage(people.dana)));
    await at.settled(() => direct().includes("2 decided"));
  });
});
