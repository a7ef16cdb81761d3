#!/usr/bin/env node
/** The program `polyagent`. */
import { main } from './main.js';

// A reader that has seen enough (`polyagent … | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

main(process.argv.slice(2), { cwd: process.cwd(), stdout: process.stdout, stderr: process.stderr, env: process.env }).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    console.error('This is a bug in polyagent. Please report it with the lines above.');
    process.exitCode = 1;
  },
);
