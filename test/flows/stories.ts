/**
 * What most stories are made of: an item goes in, a card comes out, somebody clicks, and what was written is read
 * again. Owns no bot: each file boots one and lends it.
 */
import type { NotionRow, SlackMessage, SlackView } from "../../src/sandbox/stand-ins.ts";
import { type Bot, cardsIn, cell, DECISIONS, eventually, rowTitled, userId, wordsOf } from "./bot.ts";

type Values = Record<string, string | number | boolean | string[] | null>;

/** `bot` is asked each time: most files boot theirs in beforeAll. */
export function storiesOf(bot: () => Bot) {
  const world = () => bot().world;

  /** As if somebody had typed it into the inbox in Notion; the row's id. */
  const put = (title: string, content: string): string => {
    const { notion } = world();
    const values = { Input_Title: title, Content: content, Status: "Unprocessed" };
    return notion.create({ user: notion.users[0]?.id ?? "", database: "System Inbox", values }).id;
  };
  /** Strategic, with so much at stake that three advisers are heard. */
  const ask = (subject: string): string =>
    put(
      `Should we expand to ${subject}?`,
      `Expanding to ${subject} would cost 3 million euros and changes the whole company.`,
    );
  /** One poll, and all that comes of it. */
  const settle = async (): Promise<void> => {
    await bot().poll();
    await bot().idle();
  };
  const cardsAbout = (subject: string, channels = [DECISIONS]): SlackMessage[] =>
    channels
      .flatMap((channel) => cardsIn(world(), channel))
      .filter((card) => wordsOf(card).includes(subject));
  /** A fresh pending card about what was asked. */
  const cardAbout = async (subject: string, channels = [DECISIONS]): Promise<SlackMessage> => {
    ask(subject);
    await settle();
    return eventually(world(), () => cardsAbout(subject, channels)[0], `a card about ${subject}`);
  };

  const click = (handle: string, on: SlackMessage, actionId: string) =>
    world().slack.click({
      user: userId(world(), handle),
      channel: on.channel,
      ts: on.ts,
      actionId,
    });
  /** The message as it is shown by now. */
  const now = (message: SlackMessage): SlackMessage =>
    world()
      .slack.messages(message.channel)
      .find((one) => one.ts === message.ts) ?? message;
  const replies = (message: SlackMessage): SlackMessage[] =>
    world()
      .slack.messages(message.channel)
      .filter((one) => one.threadTs === message.ts);
  const isAdvice = (reply: SlackMessage) => JSON.stringify(reply.metadata ?? {}).includes('"advice:');
  /** What was said under the card since the advisers had their say. */
  const thread = (message: SlackMessage): SlackMessage[] =>
    replies(message).filter((reply) => !isAdvice(reply));
  /** What the advisers said, whole. */
  const advice = (message: SlackMessage): SlackMessage[] => replies(message).filter(isAdvice);
  /** What only this person sees. */
  const whispersTo = (handle: string, channel = DECISIONS): SlackMessage[] =>
    world()
      .slack.messages(channel)
      .filter((one) => one.visibleTo === userId(world(), handle));
  const emm = (handle: string, text: string, channel = DECISIONS) =>
    world().slack.command({ user: userId(world(), handle), channel, command: "/emm", text });
  const modalOf = (handle: string): SlackView | undefined =>
    world().slack.modals(userId(world(), handle)).at(-1);
  /** How Details begin: everything above the advisers' own words. */
  const askedOn = async (handle: string, card: SlackMessage): Promise<string> => {
    const before = modalOf(handle)?.id;
    await click(handle, card, "decision_details");
    const begin = () => {
      const modal = modalOf(handle);
      const [, words] = /^(.*)\*Question\*/s.exec(JSON.stringify(modal?.view ?? "")) ?? [];
      return modal?.id !== before && words;
    };
    return eventually(world(), begin, "the details");
  };
  /** Fills in the form that is open; `fields` is block_id → text. The action_id is the block's second word. */
  const submit = async (handle: string, fields: Record<string, string>) => {
    const form = await eventually(world(), () => modalOf(handle), `a form in front of ${handle}`);
    const values = Object.fromEntries(
      Object.entries(fields).map(([block, value]) => {
        const action = block.slice(block.indexOf("_") + 1);
        return [block, { [action]: { type: "plain_text_input", value } }];
      }),
    );
    return world().slack.submit({ user: userId(world(), handle), viewId: form.id, values });
  };

  /** In the Notion app. */
  const edit = (handle: string, pageId: string | undefined, values: Values): void => {
    const user = world().notion.users.find(({ email }) => email === `${handle}@acme.example`);
    world().notion.edit({ user: user?.id ?? "", pageId: pageId ?? "", values });
  };
  const inboxRow = (id: string): NotionRow | undefined =>
    world()
      .notion.rows("System Inbox")
      .find((row) => row.id === id);
  const pipeOf = (subject: string) => rowTitled(world(), "Action Pipes", subject);
  const rowsAbout = (database: string, subject: string): NotionRow[] =>
    world()
      .notion.rows(database)
      .filter((row) => JSON.stringify(row.properties).includes(subject));
  const trainingRows = (subject: string): NotionRow[] =>
    world()
      .notion.rows("Training Data")
      .filter((row) => cell(row, "Title").includes(subject));
  const tasksOf = (subject: string): NotionRow[] => {
    const intent = rowTitled(world(), "Executive Intents", subject);
    return world()
      .notion.rows("Tasks")
      .filter((row) => cell(row, "Source Intent") === intent?.id);
  };

  return {
    ...{ put, ask, settle, cardsAbout, cardAbout },
    ...{ click, now, thread, advice, whispersTo, emm, modalOf, askedOn, submit },
    ...{ edit, inboxRow, pipeOf, rowsAbout, trainingRows, tasksOf },
  };
}
