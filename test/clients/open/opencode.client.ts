import { opencode } from '../../../src/targets/opencode.js';
import { installed } from '../client.js';
import { conformance } from '../suite.js';
import { opencodeKin, type Words } from './opencode-kin.js';

const WORDS: Words = {
  read: ['read'],
  glob: ['glob'],
  grep: ['grep'],
  edit: ['write', 'edit', 'notebook'],
  bash: ['shell'],
  webfetch: ['web-fetch'],
  websearch: ['web-search'],
  todowrite: ['todo'],
  task: ['delegate'],
  question: ['ask'],
  skill: ['skill'],
  lsp: ['lsp'],
};

conformance({
  target: 'opencode',
  program: 'opencode-ai',
  needs: 'opencode-linux-x64',
  ...opencodeKin(opencode, installed('opencode-linux-x64', 'bin', 'opencode'), WORDS),
});
