/** Where rounds take place: the compiled bot, databases and folders for it. Made once for a whole campaign. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createLog } from "../../src/log.ts";
import { openStore } from "../../src/store/store.ts";
import { createEngine } from "../../src/workflows/engine.ts";
import { type BuiltBot, buildBot } from "../fixtures/built-bot.ts";
import { createDataRoot } from "../fixtures/data-folders.ts";
import { createPostgresServer, type PostgresServer } from "../fixtures/postgres-server.ts";
import { type SmallDisk, smallDisk } from "../fixtures/small-disk.ts";
import { createDatabaseOn } from "../fixtures/throwaway-database.ts";
import type { StorePlace } from "./kept.ts";
import type { Schedule } from "./schedule.ts";

export interface Stage {
  built: BuiltBot;
  postgres: PostgresServer | null;
  hasSmallDisk: boolean;
  /** A store of one round. */
  openPlace(schedule: Schedule): Promise<Place>;
  /** Run by `close`: what must not outlive the campaign, however it ends. */
  atEnd: Set<() => Promise<void>>;
  close(): Promise<void>;
  /** Throws when it is closed or closing: nothing may be started any more. */
  assertOpen(): void;
}

export interface Place {
  env: Record<string, string>;
  /** null where nothing can be filled. */
  disk: SmallDisk | null;
  store: StorePlace;
  /** For small files. */
  folder: string;
  remove(): Promise<void>;
}

const DISK_MB = 200;
const log = createLog({ level: "ERROR", json: true });

export async function openStage(): Promise<Stage> {
  const root = createDataRoot();
  const prepared = join(root, "prepared");
  mkdirSync(prepared);
  const building = buildBot();
  const serving = createPostgresServer();
  const atEnd: Stage["atEnd"] = new Set();
  const close = async () => {
    try {
      await Promise.all([...atEnd].map((end) => end()));
    } finally {
      const [built, postgres] = await Promise.allSettled([building, serving]);
      if (postgres.status === "fulfilled") await postgres.value?.remove();
      if (built.status === "fulfilled") built.value.remove();
      rmSync(root, { recursive: true, force: true });
    }
  };
  try {
    const [built, postgres] = await Promise.all([building, serving, initialise(prepared)]);
    let closing: Promise<void> | null = null;
    return {
      ...{ built, postgres, hasSmallDisk: canFillDisks(), atEnd },
      openPlace: (schedule) => openPlace(schedule, { root, prepared, postgres }),
      close: () => (closing ??= close()),
      assertOpen() {
        if (closing !== null) throw new Error("the campaign is over");
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function canFillDisks(): boolean {
  const probe = smallDisk(1);
  const canFill = probe.fill !== null;
  probe.remove();
  return canFill;
}

/** Copying a store takes a tenth of the time of making one. */
async function initialise(dataDir: string): Promise<void> {
  const store = await openStore({ databaseUrl: null, dataDir, log });
  const engine = createEngine({ store, log });
  await engine.launch();
  await engine.shutdown(1_000);
  await store.close();
}

interface Ground {
  root: string;
  prepared: string;
  postgres: PostgresServer | null;
}

async function openPlace(schedule: Schedule, { root, prepared, postgres }: Ground): Promise<Place> {
  const folder = mkdtempSync(join(root, "round-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  if (schedule.store === "postgres") {
    if (postgres === null) throw new Error("this schedule needs PostgreSQL, which is not installed");
    const database = await createDatabaseOn(postgres.url);
    return {
      ...{ env: { DATABASE_URL: database.directUrl }, disk: null, folder },
      store: { databaseUrl: database.directUrl, dataDir: folder },
      async remove() {
        await database.drop();
        removeFolder();
      },
    };
  }
  const disk = schedule.faults.some(({ kind }) => kind === "disk") ? smallDisk(DISK_MB) : null;
  const dataDir = join(disk?.path ?? folder, "data");
  cpSync(prepared, dataDir, { recursive: true });
  return {
    ...{ env: { DATA_DIR: dataDir }, disk, folder },
    store: { databaseUrl: null, dataDir },
    async remove() {
      disk?.remove();
      removeFolder();
    },
  };
}
