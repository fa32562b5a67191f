/**
 * What people do in their Slack client: click, submit, close, command, shortcut, type, open the home tab. Owns what
 * a client lets them do and what it makes of the bot's acknowledgement.
 */
import type { Delivery, SlackMessage, SlackStandIn } from "../stand-ins.ts";
import { applyCommandAck, applySubmissionAck } from "./acknowledgements.ts";
import { actionFor, elementsIn, type PlacedElement } from "./blocks/interactive-elements.ts";
import { missingInputs } from "./client-checks.ts";
import type { Answered, Courier } from "./delivery.ts";
import { initialState, withEntries, withValue } from "./element-state.ts";
import type { Json } from "./json-values.ts";
import { addMessage, findMessage, shownMessage } from "./messages.ts";
import {
  closedPayload,
  commandFields,
  eventEnvelope,
  homeOpenedEvent,
  messageActionPayload,
  messageEvent,
  messageShortcutPayload,
  shortcutPayload,
  submissionPayload,
  viewActionPayload,
} from "./payloads.ts";
import { clearModals, findView, popModal, stackOf } from "./views.ts";
import {
  channelNamed,
  directMessageWith,
  type ElementState,
  personOf,
  type StoredMessage,
  type Workspace,
} from "./workspace.ts";

export type Acts = Pick<
  SlackStandIn,
  "click" | "clickInView" | "submit" | "closeModal" | "command" | "shortcut" | "openHome" | "type"
>;

/** Event types that the app subscribed to, as in its manifest. */
export type Subscriptions = readonly string[];

interface Client {
  workspace: Workspace;
  courier: Courier;
  subscriptions: Subscriptions;
}

export function createActs(client: Client): Acts {
  return {
    click: (use) => click(client, use),
    clickInView: (use) => clickInView(client, use),
    submit: (submission) => submit(client, submission),
    closeModal: (userId) => closeModal(client, userId),
    command: (use) => command(client, use),
    shortcut: (use) => shortcut(client, use),
    openHome: (userId) => openHome(client, userId),
    type: (said) => type(client, said),
  };
}

/** The client cannot do this: nothing is sent. */
function impossible(error: string): Delivery {
  return { status: 0, acknowledgedMs: 0, error };
}

async function deliveryOf(answering: Promise<Answered>): Promise<Delivery> {
  return (await answering).delivery;
}

function findElement(
  blocks: unknown,
  wanted: { actionId: string; blockId?: string },
): PlacedElement | undefined {
  return elementsIn(blocks).find(
    (placed) =>
      placed.actionId === wanted.actionId &&
      (wanted.blockId === undefined || placed.blockId === wanted.blockId),
  );
}

function afterUse(state: ElementState, placed: PlacedElement, action: Json): ElementState {
  const held = state[placed.blockId]?.[placed.actionId];
  if (held === undefined) return state;
  const value = Object.fromEntries(Object.keys(held).map((name) => [name, action[name] ?? null]));
  return withValue(state, placed.blockId, placed.actionId, value);
}

async function click(
  { workspace, courier }: Client,
  use: Parameters<SlackStandIn["click"]>[0],
): Promise<Delivery> {
  const user = personOf(workspace, use.user);
  const message = findMessage(workspace, channelNamed(workspace, use.channel).id, use.ts);
  if (message === undefined || (message.visibleTo !== null && message.visibleTo !== user.id))
    return impossible("message_not_found");
  const placed = findElement(message.blocks, use);
  if (placed === undefined) return impossible("element_not_found");
  const action = actionFor(placed, { selected: use.selected, actionTs: workspace.nextTs() });
  if (action === null) return impossible("option_not_found");
  const state = message.chosen.get(user.id) ?? initialState(message.blocks);
  message.chosen.set(user.id, afterUse(state, placed, action));
  workspace.changed();
  return deliveryOf(courier.sendPayload(messageActionPayload(workspace, { user, message, action })));
}

async function clickInView(
  { workspace, courier }: Client,
  use: Parameters<SlackStandIn["clickInView"]>[0],
): Promise<Delivery> {
  const user = personOf(workspace, use.user);
  const view = findView(workspace, use.viewId);
  const isShown = view?.kind === "home" || stackOf(workspace, user.id).at(-1) === view;
  if (view === undefined || view.userId !== user.id || !isShown) return impossible("view_not_found");
  const placed = findElement(view.view["blocks"], use);
  if (placed === undefined) return impossible("element_not_found");
  const action = actionFor(placed, { selected: use.selected, actionTs: workspace.nextTs() });
  if (action === null) return impossible("option_not_found");
  view.state = afterUse(view.state, placed, action);
  workspace.changed();
  const isSilent = placed.block["type"] === "input" && placed.block["dispatch_action"] !== true;
  if (isSilent) return { status: 200, acknowledgedMs: 0, error: null };
  return deliveryOf(courier.sendPayload(viewActionPayload(workspace, { user, view, action })));
}

async function submit(
  { workspace, courier }: Client,
  submission: Parameters<SlackStandIn["submit"]>[0],
): Promise<Delivery> {
  const user = personOf(workspace, submission.user);
  const view = stackOf(workspace, user.id).at(-1);
  if (view === undefined || view.id !== submission.viewId) return impossible("view_not_found");
  if (view.view["submit"] === undefined) return impossible("element_not_found");
  view.state = withEntries(view.view["blocks"], view.state, submission.values);
  view.errors = missingInputs(view);
  workspace.changed();
  if (Object.keys(view.errors).length > 0) return impossible("invalid_input");
  const answered = await courier.sendPayload(submissionPayload(workspace, user, view));
  if (answered.delivery.error !== null) return answered.delivery;
  return { ...answered.delivery, error: applySubmissionAck(workspace, view, answered.body) };
}

async function closeModal({ workspace, courier }: Client, userId: string): Promise<void> {
  const user = personOf(workspace, userId);
  const view = stackOf(workspace, userId).at(-1);
  if (view === undefined) return;
  const isCleared = view.view["clear_on_close"] === true;
  if (isCleared) clearModals(workspace, userId);
  else popModal(workspace, userId);
  if (view.view["notify_on_close"] === true)
    await courier.sendPayload(closedPayload(workspace, { user, view, isCleared }));
}

async function command(
  { workspace, courier }: Client,
  use: Parameters<SlackStandIn["command"]>[0],
): Promise<Delivery> {
  const user = personOf(workspace, use.user);
  const channel = channelNamed(workspace, use.channel);
  const text = withMentions(workspace, use.text);
  const { fields, responsePath } = commandFields(workspace, { user, channel, command: use.command, text });
  const answered = await courier.sendCommand(fields);
  if (answered.delivery.error !== null) return answered.delivery;
  return { ...answered.delivery, error: applyCommandAck(workspace, responsePath, answered.body) };
}

/**
 * With `should_escape` in the manifest Slack turns @name and #channel into ids. A full name counts as well: the
 * composer offers both and puts in the person.
 */
function withMentions(workspace: Workspace, text: string): string {
  const { users, bot } = workspace.seed;
  const known = [{ id: bot.userId, name: bot.name, realName: bot.name }, ...users].flatMap((user) => [
    { typed: user.name.toLowerCase(), user },
    { typed: user.realName.toLowerCase(), user },
  ]);
  // Longest first: "@Sam Okafor" is not "@sam" and a word.
  const names = known
    .map(({ typed }) => typed.replace(/[^\w\s]/g, "\\$&"))
    .toSorted((a, b) => b.length - a.length);
  const typedNames = new RegExp(`(?<![\\w<])@(${names.join("|")})(?![\\w-]|\\.\\w)`, "gi");
  const people = text.replace(typedNames, (whole, name: string) => {
    const user = known.find(({ typed }) => typed === name.toLowerCase())?.user;
    return user === undefined ? whole : `<@${user.id}|${user.name}>`;
  });
  return people.replace(/(?<![\w<])#([a-z0-9_-]+)/gi, (whole, name: string) => {
    const channel = [...workspace.channels.values()].find((one) => one.imUser === null && one.name === name);
    return channel === undefined ? whole : `<#${channel.id}|${channel.name}>`;
  });
}

/** As the client composes them: people and channels are elements of their own. */
function runsOf(text: string): Json[] {
  const parts = text.split(/(<[@#][A-Z0-9]+>)/).filter((part) => part !== "");
  return parts.map((part) => {
    const [, sign, id] = /^<([@#])([A-Z0-9]+)>$/.exec(part) ?? [];
    if (sign === "@") return { type: "user", user_id: id };
    if (sign === "#") return { type: "channel", channel_id: id };
    return { type: "text", text: part };
  });
}

async function shortcut(
  { workspace, courier }: Client,
  use: Parameters<SlackStandIn["shortcut"]>[0],
): Promise<Delivery> {
  const user = personOf(workspace, use.user);
  if (use.channel === undefined || use.ts === undefined)
    return deliveryOf(courier.sendPayload(shortcutPayload(workspace, user, use.callbackId)));
  const message = findMessage(workspace, channelNamed(workspace, use.channel).id, use.ts);
  // Ephemeral messages have no shortcuts.
  if (message === undefined || message.visibleTo !== null) return impossible("message_not_found");
  const payload = messageShortcutPayload(workspace, { user, callbackId: use.callbackId, message });
  return deliveryOf(courier.sendPayload(payload));
}

async function openHome({ workspace, courier, subscriptions }: Client, userId: string): Promise<Delivery> {
  const user = personOf(workspace, userId);
  if (!subscriptions.includes("app_home_opened")) return { status: 200, acknowledgedMs: 0, error: null };
  const channel = directMessageWith(workspace, userId);
  const view = workspace.homes.get(userId) ?? null;
  const event = homeOpenedEvent(workspace, { user, channel, view });
  return deliveryOf(courier.sendEvent(eventEnvelope(workspace, event)));
}

function type(
  { workspace, courier, subscriptions }: Client,
  said: Parameters<SlackStandIn["type"]>[0],
): SlackMessage {
  const user = personOf(workspace, said.user);
  const channel = channelNamed(workspace, said.channel);
  if (channel.isArchived) throw new Error(`Nobody can write in #${channel.name}: it is archived`);
  const text = withMentions(workspace, said.text).replace(/(<[@#][A-Z0-9]+)\|[^>]*>/g, "$1>");
  const message: StoredMessage = addMessage(workspace, {
    channel: channel.id,
    user: user.id,
    byBot: false,
    text,
    blocks: [
      {
        type: "rich_text",
        elements: [{ type: "rich_text_section", elements: runsOf(text) }],
      },
    ],
    threadTs: said.threadTs ?? null,
  });
  const kind = channel.imUser !== null ? "im" : channel.isPrivate ? "groups" : "channels";
  const events: Json[] = [];
  if (channel.botIsMember && subscriptions.includes(`message.${kind}`))
    events.push(messageEvent(workspace, { type: "message", user, message, channel }));
  const mentionsBot = text.includes(`<@${workspace.seed.bot.userId}>`);
  if (channel.botIsMember && kind !== "im" && mentionsBot && subscriptions.includes("app_mention"))
    events.push(messageEvent(workspace, { type: "app_mention", user, message, channel }));
  for (const event of events) void courier.sendEvent(eventEnvelope(workspace, event));
  return shownMessage(message);
}
