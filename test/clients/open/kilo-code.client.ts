import { kiloCode } from '../../../src/targets/kilo-code.js';
import { installed } from '../client.js';
import { conformance } from '../suite.js';
import { opencodeKin, type Words } from './opencode-kin.js';

const PACKAGE = '@kilocode/cli-linux-x64';

/** `question` is left out: an agent that another one calls is refused it, whatever its rules say. */
const WORDS: Words = {
  read: ['read'],
  glob: ['glob'],
  grep: ['grep'],
  edit: ['write', 'edit', 'notebook'],
  notebook_edit: ['notebook'],
  bash: ['shell'],
  webfetch: ['web-fetch'],
  websearch: ['web-search'],
  todowrite: ['todo'],
  task: ['delegate'],
  skill: ['skill'],
  lsp: ['lsp'],
};

conformance({
  target: 'kilo-code',
  program: PACKAGE,
  needs: PACKAGE,
  ...opencodeKin(kiloCode, installed(...PACKAGE.split('/'), 'bin', 'kilo'), WORDS),
});
