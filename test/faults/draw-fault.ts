/** Which faults there are, and how often each is drawn. Pure. */
import type { SeededRandom } from "../fixtures/seeded-random.ts";
import type { PlannedFault } from "./schedule.ts";

interface Draw {
  store: "embedded" | "postgres";
  replicas: number;
  hasSmallDisk: boolean;
  isQuick: boolean;
  windowMs: number;
}

type Vendor = Extract<PlannedFault, { kind: "vendor" }>;
type Effect = Vendor["effect"];
type Side = Vendor["side"];

export function drawFault(random: SeededRandom, draw: Draw): PlannedFault {
  const atMs = random.between(200, draw.windowMs);
  const replica = random.between(0, draw.replicas - 1);
  const downMs = random.pick([0, random.between(0, 3_000)]);
  const forMs = random.between(500, draw.isQuick ? 2_500 : 8_000);
  switch (random.pick(kindsFor(draw))) {
    case "kill":
      return { kind: "kill", atMs, replica, downMs, on: drawVictim(random, draw) };
    case "term":
      return { kind: "term", atMs, replica, downMs };
    case "clock":
      return { kind: "clock", atMs, shiftMs: random.pick(SHIFTS_MS), forMs: forMs + NOTICED_MS };
    case "database":
      return { kind: "database", atMs, mode: random.pick(["fast", "immediate"] as const), forMs };
    case "disk":
      return { kind: "disk", atMs, leaveBytes: random.pick([0, 200_000, 2_000_000]), forMs };
    case "mail":
      return {
        ...{ kind: "mail", atMs, forMs: forMs + 2_000 },
        how: random.pick(["twice", "reordered", "answer-lost"] as const),
      };
    case "notion":
    case "claude":
    case "slack":
      return drawVendor(random, { ...draw, atMs, forMs });
  }
}

/** What creates a page in Notion. */
export const CREATES = "POST /v1/pages";

/**
 * A create that Notion carries out and whose answer never comes, so that nobody may simply send it again. Aimed, and
 * early, because what is drawn like the others strikes a read nearly every time.
 */
export function drawLostCreate(random: SeededRandom, { replicas, isQuick, windowMs }: Draw): PlannedFault {
  const atMs = random.between(0, windowMs / 2);
  const after = random.between(0, 6);
  const how = random.pick([
    ...(["reset", "timeout"] as const),
    ...(replicas === 1 ? (["kill", "kill"] as const) : []),
    // Given up after 75 seconds.
    ...(isQuick ? [] : (["hang"] as const)),
  ]);
  if (how === "kill") {
    const downMs = random.pick([0, random.between(0, 3_000)]);
    return {
      kind: how,
      atMs,
      replica: 0,
      downMs,
      on: { side: "notion", route: CREATES, after, committed: true },
    };
  }
  const effects = {
    reset: { kind: "reset", committed: true },
    timeout: { kind: "committed-error", status: 504 },
    hang: { kind: "hang", committed: true },
  } as const;
  const times = how === "hang" ? 1 : random.between(1, 3);
  const effect = effects[how];
  return { kind: "vendor", side: "notion", route: CREATES, effect, after, times, atMs, forMs: windowMs };
}

type Kind = PlannedFault["kind"] | Side;

function kindsFor({ store, hasSmallDisk, isQuick }: Draw): Exclude<Kind, "vendor">[] {
  return [
    ...(["kill", "kill", "term", "mail", "clock", "notion", "notion", "claude", "slack", "slack"] as const),
    ...(store === "postgres" ? (["database", "database"] as const) : []),
    ...(store === "embedded" && hasSmallDisk && !isQuick ? (["disk"] as const) : []),
  ];
}

/** A clock that is wrong for less than that is no clock that somebody set. */
const NOTICED_MS = 2_500;
const SHIFTS_MS = [5_000, -5_000, 90_000, -90_000, 660_000, -660_000, 7_200_000, -7_200_000];

/** With replicas nobody knows who waits for that answer; the others would wait for minutes. */
function drawVictim(random: SeededRandom, { replicas }: Draw): Extract<PlannedFault, { kind: "kill" }>["on"] {
  if (replicas > 1 || random.between(1, 3) === 1) return null;
  const side = random.pick(["notion", "notion", "slack"] as const);
  const routes = {
    notion: [CREATES, "PATCH /v1/pages", "/query"],
    slack: ["chat.postMessage", "chat.update"],
  };
  return {
    side,
    route: random.pick(routes[side]),
    after: random.between(0, 6),
    committed: random.between(0, 3) > 0,
  };
}

interface VendorDraw extends Draw {
  atMs: number;
  forMs: number;
}

function drawVendor(random: SeededRandom, draw: VendorDraw): Vendor {
  const side = random.pick(["notion", "notion", "claude", "slack", "slack"] as const);
  const effects = { notion: notionEffects, claude: claudeEffects, slack: slackEffects }[side];
  const effect = random.pick(effects(random, draw.isQuick));
  const isOnce = effect.kind === "hang" || random.between(1, 2) === 1;
  return {
    ...{ kind: "vendor", side, atMs: draw.atMs, forMs: draw.forMs, effect },
    route: random.pick(ROUTES[side]),
    after: isOnce ? random.between(0, 5) : 0,
    times: effect.kind === "hang" ? 1 : isOnce ? random.between(1, 3) : null,
  };
}

const ROUTES: Record<Side, readonly string[]> = {
  notion: [".", "/query", CREATES, "PATCH /v1/pages", "GET /v1/pages"],
  claude: ["messages"],
  slack: [".", "chat.postMessage", "chat.update", "users.info", "views.", "conversations."],
};

const HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>";

/** Everywhere, and over within seconds. */
function anyEffects(random: SeededRandom): Effect[] {
  return [
    { kind: "status", status: 429, retryAfterSeconds: random.between(1, 3) },
    { kind: "status", status: random.pick([500, 502, 503, 504]) },
    { kind: "reset", committed: false },
    { kind: "reset", committed: true },
    { kind: "delay", ms: random.between(300, 3_000) },
  ];
}

function notionEffects(random: SeededRandom, isQuick: boolean): Effect[] {
  return [
    ...anyEffects(random),
    { kind: "committed-error", status: 503 },
    { kind: "status", status: 409, code: "conflict_error" },
    { kind: "garbage", body: HTML },
    // Given up after 75 seconds.
    ...(isQuick ? [] : [{ kind: "hang", committed: random.between(0, 1) === 1 } as const]),
  ];
}

function claudeEffects(random: SeededRandom, isQuick: boolean): Effect[] {
  return [
    ...anyEffects(random),
    { kind: "status", status: 529 },
    // Each costs an attempt, and the next one comes 15 s later at the earliest.
    ...(isQuick
      ? []
      : ([
          { kind: "garbage", body: "I would rather not answer in JSON." },
          { kind: "garbage", body: "{}" },
          { kind: "stop", reason: "refusal" },
          { kind: "stop", reason: "max_tokens" },
        ] as const)),
  ];
}

function slackEffects(random: SeededRandom): Effect[] {
  return [
    ...anyEffects(random),
    { kind: "committed-error", status: 503 },
    {
      kind: "status",
      status: 200,
      code: random.pick(["internal_error", "fatal_error", "service_unavailable"]),
    },
    { kind: "garbage", body: HTML },
    { kind: "hang", committed: random.between(0, 1) === 1 },
  ];
}
