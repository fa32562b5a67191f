/** The command line's process: .env and environment in, exit code out. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { runCli } from "./program.ts";

// Read and not loaded: `predeploy` runs the tests, which must not see it. What is set already wins over the file.
const envFile = existsSync(".env") ? resolve(".env") : null;
const fromFile = envFile === null ? {} : parseEnv(readFileSync(envFile, "utf8"));

process.exitCode = await runCli(process.argv.slice(2), {
  env: { ...fromFile, ...process.env },
  envFile,
  folder: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
