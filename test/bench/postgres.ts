/** A PostgreSQL for the benchmark: the one behind TEST_DATABASE_URL, or a cluster of its own from what Debian installs. */
import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { withClient } from "../fixtures/engine-rows.ts";
import { postgresVersion } from "./report.ts";

const run = promisify(execFile);
const DEBIAN = "/usr/lib/postgresql";

export interface Postgres {
  /** For the report. */
  words: string;
  /** An empty database; dropped with the rest. */
  database(): Promise<string>;
  close(): Promise<void>;
}

/** A sentence when there is none. */
export async function openPostgres(): Promise<Postgres | string> {
  const given = process.env["TEST_DATABASE_URL"];
  if (given) return onServer(given, "PostgreSQL behind TEST_DATABASE_URL");
  const binaries = debianBinaries();
  if (binaries === null) return "no PostgreSQL: set TEST_DATABASE_URL, or install the package postgresql";
  return ownCluster(binaries);
}

function debianBinaries(): string | null {
  if (!existsSync(DEBIAN)) return null;
  const [newest] = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  const folder = join(DEBIAN, newest ?? "", "bin");
  return existsSync(join(folder, "initdb")) ? folder : null;
}

const isRoot = () => process.getuid?.() === 0;

/** PostgreSQL refuses to run as root. */
function commandOf(program: string, args: string[]): string[] {
  return isRoot() ? ["runuser", "-u", "postgres", "--", program, ...args] : [program, ...args];
}

async function asPostgres(program: string, ...args: string[]): Promise<string> {
  const [first = "", ...rest] = commandOf(program, args);
  return (await run(first, rest, { cwd: "/" })).stdout.trim();
}

async function ownCluster(binaries: string): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), "emm-bench-pg-"));
  if (isRoot()) chownSync(folder, Number(await asPostgres("id", "-u")), -1);
  const data = join(folder, "data");
  await asPostgres(join(binaries, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8");
  const port = await freePort();
  const options = [
    `-p ${port}`,
    "-c listen_addresses=127.0.0.1",
    `-c unix_socket_directories=${folder}`,
    "-c shared_preload_libraries=pg_stat_statements",
  ].join(" ");
  const ctl = join(binaries, "pg_ctl");
  await asPostgres(ctl, "-D", data, "-l", join(folder, "log"), "-w", "-t", "60", "-o", options, "start");
  // However this process ends, the server must not outlive it.
  const endNow = () => {
    const [first = "", ...rest] = commandOf(ctl, ["-D", data, "-m", "immediate", "stop"]);
    spawnSync(first, rest, { cwd: "/" });
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", endNow);
  const words = `${postgresVersion(join(binaries, "postgres"))}, a cluster of its own with the defaults`;
  return {
    ...onServer(`postgresql://postgres@127.0.0.1:${port}/postgres`, words),
    async close() {
      process.off("exit", endNow);
      await asPostgres(ctl, "-D", data, "-m", "immediate", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function onServer(server: string, words: string): Postgres {
  const names: string[] = [];
  return {
    words,
    async database() {
      const name = `emm_bench_${randomBytes(4).toString("hex")}`;
      await withClient(server, (client) => client.query(`create database ${name}`));
      names.push(name);
      const url = new URL(server);
      url.pathname = `/${name}`;
      return url.href;
    },
    async close() {
      await withClient(server, async (client) => {
        for (const name of names) await client.query(`drop database if exists ${name} with (force)`);
      });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
