/** The command line's process: .env and environment in, exit code out. */
import { existsSync } from "node:fs";
import { runCli } from "./program.ts";

// What is set already wins over the file.
if (existsSync(".env")) process.loadEnvFile(".env");

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  folder: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
});
process.exitCode = exitCode;
