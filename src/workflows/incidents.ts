/**
 * Incidents: rows that people change by command, a card that follows them, a thread that says what happened, and a
 * post-mortem in Notion when they are closed. A command is durable when its row is written; whatever shows it is repeated
 * until it does, here or by `look`.
 */
import {
  type Incident,
  type IncidentAct,
  type IncidentOrder,
  isOpenIncident,
  LOOK_BACK_MS,
} from "../domain/incident.ts";
import { postMortem } from "../domain/post-mortem.ts";
import type { Exclusive } from "./books.ts";
import { registerWorkflow, StepFailed, startOnce, step } from "./engine.ts";
import type { IncidentBook, IncidentFacts, IncidentWall } from "./incident-ports.ts";
import type { Records } from "./ports.ts";

export interface IncidentDeps {
  book: IncidentBook;
  facts: IncidentFacts;
  wall: IncidentWall;
  records: Pick<Records, "createLog">;
  exclusive: Exclusive;
  now: () => Date;
}

export interface IncidentDesk {
  /** Who may do it was checked before. */
  begin(order: IncidentOrder): Promise<Incident>;
  find(id: number): Promise<Incident | null>;
  /** Worst first. */
  open(): Promise<Incident[]>;
  /** null when it is closed already. */
  act(id: number, act: IncidentAct): Promise<Incident | null>;
}

/** A working process needs less than this. */
const BEHIND_MS = 60_000;

export type Incidents = ReturnType<typeof registerIncidents>;

/** Call before the engine is launched. */
export function registerIncidents(deps: IncidentDeps) {
  const { book, now } = deps;
  const showing = registerShow(deps);
  const { show } = showing;
  const close = registerClose(deps, showing);

  const gather = async (incident: Incident): Promise<boolean> => {
    const from = new Date(Date.parse(incident.openedAt) - LOOK_BACK_MS);
    const facts = await deps.facts.between(from, now());
    return book.gather(incident.id, facts, now());
  };
  const gatherAndShow = async (incident: Incident): Promise<void> => {
    if (!(await gather(incident))) return;
    const changed = await book.find(incident.id);
    if (changed) await show(changed);
  };

  const desk: IncidentDesk = {
    find: book.find,
    open: book.open,
    async begin(order) {
      const incident = await book.begin({ ...order, at: now() });
      await show(incident);
      await gatherAndShow(incident);
      return incident;
    },
    async act(id, act) {
      const before = await book.find(id);
      // What happened until now belongs to it, also when this closes it.
      if (before && isOpenIncident(before)) await gather(before);
      const changed = await book.change(id, changeOf(act, now().toISOString()));
      if (changed === null) return null;
      await show(changed);
      if (!isOpenIncident(changed)) await startOnce(`incident-close:${id}`, close, id);
      return changed;
    },
  };

  return {
    desk,
    /** Gathers what happened since, and sees to whatever a process that died left unsaid. Call it every minute. */
    async look(): Promise<void> {
      for (const incident of await book.open()) await gatherAndShow(incident);
      const moment = now();
      const minute = Math.floor(moment.getTime() / BEHIND_MS);
      const untouchedSince = new Date(moment.getTime() - BEHIND_MS);
      for (const incident of await book.behind(untouchedSince)) await show(incident, `again-${minute}`);
      for (const id of await book.unwritten(untouchedSince)) {
        await startOnce(`incident-close:${id}`, close, id);
      }
    },
  };
}

function changeOf(act: IncidentAct, at: string) {
  const { key, by, kind, owner } = act;
  const fact = { key, at, kind, subject: owner?.slackId ?? null, by, text: wordsOf(act) };
  switch (kind) {
    case "update":
      return { fact };
    case "owner":
      return { fact, ...(owner && { owner }) };
    case "mitigated":
      return { fact, isMitigated: true };
    case "closed":
      return { fact, isClosed: true };
  }
}

const PLAIN: Record<IncidentAct["kind"], string> = {
  update: "",
  owner: "Owner",
  mitigated: "Mitigated",
  closed: "Closed",
};

function wordsOf({ kind, text, owner }: IncidentAct): string {
  if (kind === "owner") return `Owner: ${owner?.name ?? "nobody"}`;
  return [PLAIN[kind], text].filter((part) => part !== "").join(": ");
}

interface Showing {
  show(incident: Incident, occasion?: string): Promise<unknown>;
  /** Says in the thread what nobody has said there yet. The same teller says the same again, which Slack shows once. */
  tell(id: number, teller: string): Promise<Incident | null>;
}

/** Card first, so that there is a thread; lines in their order, so one teller at a time. */
function registerShow({ book, wall, exclusive }: IncidentDeps): Showing {
  const sync = (id: number): Promise<void> =>
    exclusive(`incident:${id}`, async () => {
      for (;;) {
        const incident = await book.find(id);
        if (!incident || incident.cardRev >= incident.rev) return;
        const timeline = await book.timeline(id);
        if (incident.card) await wall.update(incident, timeline);
        else await book.cardPosted(id, await wall.post(incident, timeline));
        await book.cardShows(id, incident.rev);
      }
    });
  const tell = (id: number, teller: string): Promise<Incident | null> =>
    exclusive(`incident:${id}`, async () => {
      const incident = await book.find(id);
      const facts = incident === null ? [] : await book.claimUntold(id, teller);
      if (incident !== null && facts.length > 0) await wall.tell(incident, `incident:${teller}`, facts);
      return incident;
    });
  const workflow = registerWorkflow("incident", async (id: number, occasion: string): Promise<void> => {
    await step(`card:${id}`, () => sync(id));
    await step(`tell:${id}`, () => tell(id, `${id}:${occasion}`));
  });
  return {
    tell,
    show({ id, rev }, occasion = "changed") {
      const name = `${rev}:${occasion}`;
      return startOnce(`incident:${id}:${name}`, workflow, id, name);
    },
  };
}

/** The post-mortem, once. Notion may be down for hours, or need mending: then the card says so. */
function registerClose({ book, wall, records, now }: IncidentDeps, { show, tell }: Showing) {
  const write = async (id: number): Promise<string | null> => {
    const incident = await book.find(id);
    if (!incident?.closed) return null;
    const { key, title, text } = postMortem(incident, await book.timeline(id));
    const { by, at } = incident.closed;
    const actor = by.slackId === null ? by.name : `${by.name} (${by.slackId})`;
    const entry = { title, action: text, at, actor, intentId: null, pipeId: null };
    return (await records.createLog(entry, { key })).url;
  };
  const showAgain = async (id: number, occasion: string): Promise<void> => {
    const incident = await step(`read-${occasion}:${id}`, () => book.find(id));
    if (incident) await show(incident, occasion);
  };
  return registerWorkflow("incident-close", async (id: number): Promise<void> => {
    try {
      const url = await step(`post-mortem:${id}`, () => write(id));
      if (url === null) return;
      await step(`written:${id}`, () => book.postMortemWritten(id, url, now()));
      await showAgain(id, "written");
      await step(`told:${id}`, async () => {
        const incident = await tell(id, `${id}:end`);
        if (incident) await wall.tellPostMortem(incident);
      });
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      await step(`stuck:${id}`, () => book.postMortemStuck(id, error.message, now()));
      await showAgain(id, "stuck");
      // Ends as an error on purpose: it is taken up again at the failed step.
      throw error;
    }
  });
}
