/**
 * The seams between the three stand-ins, the page and the tests. Each stand-in is a real HTTP server plus this
 * handle to look into its world and to act in it as a person would. Types only.
 */

export interface Listening {
  /** Base URL for the SDK. */
  url: string;
  close(): Promise<void>;
}

/** One request that a stand-in answered. `route` is a template: "POST /v1/data_sources/:id/query". */
export interface ServedCall {
  route: string;
  status: number;
  /** Epoch milliseconds. */
  at: number;
  durationMs: number;
}

/** Makes matching requests misbehave. First match wins; `times` counts down, absent = until cleared. */
export interface Fault {
  /** Substring or pattern tested against ServedCall.route. */
  route: string | RegExp;
  times?: number;
  /** Let this many matching requests through first. */
  after?: number;
  effect:
    | { kind: "status"; status: number; code?: string; retryAfterSeconds?: number; body?: unknown }
    /** Carry the request out, then answer 503 with the committed id (Notion) or a plain error. */
    | { kind: "committed-error"; status: number }
    /** Never answer: before or after carrying the request out. */
    | { kind: "hang"; committed: boolean }
    /** Cut the connection: before or after carrying the request out. */
    | { kind: "reset"; committed: boolean }
    | { kind: "delay"; ms: number }
    /** Answer 200 with this body instead (Claude: as the text of the answer). */
    | { kind: "garbage"; body: string }
    /** Claude only. */
    | { kind: "stop"; reason: "refusal" | "max_tokens" };
  /** Told of each request that it strikes. */
  onStrike?: () => void;
}

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
}

interface StandIn extends Listening {
  calls: ServedCall[];
  faults: Faults;
  /** Milliseconds added to every answer. */
  latencyMs: number;
  /** Fires after anything in this world changed. Returns the way to stop listening. */
  onChange(listener: () => void): () => void;
}

// --- Slack ------------------------------------------------------------------------------------------------

export interface SlackUser {
  id: string;
  /** Handle. */
  name: string;
  realName: string;
  email: string;
  isBot?: boolean;
  /** Guest. */
  isRestricted?: boolean;
  isUltraRestricted?: boolean;
  deleted?: boolean;
  /** Another team than the workspace's: a Slack Connect stranger. */
  teamId?: string;
}

export interface SlackSeed {
  team: { id: string; name: string; domain: string };
  bot: { userId: string; botId: string; name: string; token: string };
  signingSecret: string;
  users: SlackUser[];
  groups: { id: string; handle: string; name: string; users: string[] }[];
  channels: { id: string; name: string; isPrivate?: boolean; isArchived?: boolean; botIsMember?: boolean }[];
}

export interface SlackMessage {
  channel: string;
  ts: string;
  threadTs: string | null;
  user: string;
  text: string;
  blocks: unknown[];
  metadata: unknown;
  edited: boolean;
  /** Only this user sees it (ephemeral, or a response to a command). */
  visibleTo: string | null;
  /** What hangs on it; `length` in bytes. */
  files: { id: string; title: string; length: number }[];
}

export interface SlackView {
  id: string;
  hash: string;
  userId: string;
  kind: "modal" | "home";
  view: Record<string, unknown>;
  /** Field errors of the last refused submission, by block_id. */
  errors: Record<string, string>;
}

/** What the person's client shows after an interaction. */
export interface Delivery {
  status: number;
  acknowledgedMs: number;
  /** "operation_timeout", "dispatch_failed" … as the Slack client would show; null when acknowledged. */
  error: string | null;
}

/** Values of a modal, as view.state.values: block_id → action_id → what Slack sends for that element. */
export type ViewValues = Record<string, Record<string, unknown>>;

export interface SlackStandIn extends StandIn {
  seed: SlackSeed;
  /** Where signed requests are delivered, e.g. http://127.0.0.1:8000/slack/events. */
  deliverTo(requestUrl: string): void;
  /** Oldest first, deleted ones left out; thread replies included. */
  messages(channel: string): SlackMessage[];
  /** One of them; undefined when it is not there. */
  message(at: { channel: string; ts: string }): SlackMessage | undefined;
  /** Top of the user's modal stack last. */
  modals(userId: string): SlackView[];
  home(userId: string): SlackView | null;
  click(click: {
    user: string;
    channel: string;
    ts: string;
    actionId: string;
    blockId?: string;
    /** For a select: the chosen option's value. */
    selected?: string;
  }): Promise<Delivery>;
  clickInView(click: {
    user: string;
    viewId: string;
    actionId: string;
    blockId?: string;
    selected?: string;
  }): Promise<Delivery>;
  submit(submission: { user: string; viewId: string; values: ViewValues }): Promise<Delivery>;
  closeModal(user: string): Promise<void>;
  command(command: { user: string; channel: string; command: string; text: string }): Promise<Delivery>;
  shortcut(shortcut: { user: string; callbackId: string; channel?: string; ts?: string }): Promise<Delivery>;
  openHome(user: string): Promise<Delivery>;
  /** Sends the last signed request again, byte for byte. */
  replayLast(): Promise<Delivery>;
  /** A person types into a channel. */
  type(message: { user: string; channel: string; text: string; threadTs?: string }): SlackMessage;
}

// --- Notion -----------------------------------------------------------------------------------------------

export interface NotionUser {
  id: string;
  name: string;
  email: string;
}

export interface NotionDatabase {
  id: string;
  dataSourceId: string;
  title: string;
  /** As GET /v1/data_sources/:id lists them, in display order. */
  properties: Record<string, { id: string; type: string; [key: string]: unknown }>;
}

export interface NotionRow {
  id: string;
  url: string;
  inTrash: boolean;
  createdTime: string;
  lastEditedTime: string;
  lastEditedBy: string;
  /** As GET /v1/pages/:id gives them, relations uncut. */
  properties: Record<string, { id: string; type: string; [key: string]: unknown }>;
}

export interface NotionStandIn extends StandIn {
  token: string;
  users: NotionUser[];
  databases(): NotionDatabase[];
  /** By database title, e.g. "System Inbox". Creation order. Trashed rows left out. With `last` only so many of the newest. */
  rows(database: string, last?: number): NotionRow[];
  /** One row as it is now, in the trash or not. */
  row(pageId: string): NotionRow;
  /** As a person in the Notion app: no limits, no schema check beyond names. Plain values: text, number, option name, ids. */
  edit(edit: {
    user: string;
    pageId: string;
    values: Record<string, string | number | boolean | string[] | null>;
  }): void;
  create(create: {
    user: string;
    database: string;
    values: Record<string, string | number | boolean | string[] | null>;
  }): NotionRow;
  trash(pageId: string): void;
  /** New and changed rows stay invisible to queries for this long. */
  queryLagMs: number;
  /** Requests per fixed 60-second window; null = no limit. */
  requestsPerMinute: number | null;
}

// --- Claude -----------------------------------------------------------------------------------------------

export interface ClaudeStandIn extends StandIn {
  /** Most recent last. `step` is the name of the JSON schema's title when it has one. */
  requests: { model: string; system: string; prompt: string; at: number }[];
}

// --- Railway ----------------------------------------------------------------------------------------------

export interface RailwayDeployment {
  id: string;
  /** One of the schema's, or any word at all: new ones appear in the wild. */
  status: string;
  statusUpdatedAt: string;
  createdAt: string;
  canRollback: boolean;
  deploymentStopped: boolean;
  staticUrl: string | null;
  /** As the API gives it: untyped. */
  meta: Record<string, unknown>;
}

/** How the next deployment ends: well; its health check fails; it is online and says unhealthy; it crashes when online. */
export type TurnsOut = "well" | "fails" | "unhealthy" | "crashes";

/** The API, and at the same address the deployed bot itself: `/`, `/health`, `/ready` of whatever is live. */
export interface RailwayStandIn extends StandIn {
  apiUrl: string;
  projectToken: string;
  accountToken: string;
  ids: { project: string; environment: string; service: string };
  /** Newest first. */
  deployments(): RailwayDeployment[];
  live(): RailwayDeployment | null;
  /** Somebody pushes to the branch. */
  push(commit: { message: string; author: string }): RailwayDeployment;
  /** Overwrites what the platform would say. */
  change(id: string, change: Partial<RailwayDeployment>): void;
  /** Said for one deployment; then "well" again. */
  nextTurnsOut: TurnsOut;
  /** Takes what is under way one stage on; with `stageMs` it happens by itself. */
  step(): void;
  /** 0 = by hand. */
  stageMs: number;
  /** Root fields that this project's tokens may not use. */
  forbidden: Set<string>;
  /** null = no limit. */
  requestsPerHour: number | null;
}
