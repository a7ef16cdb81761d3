/** The targets that come with polyagent. A new one is a data file here, a template of its name, and a line in this list. */
import { agentSkills } from './agent-skills.js';
import { agentsMd } from './agents-md.js';
import { amazonQ } from './amazon-q.js';
import { antigravity } from './antigravity.js';
import { augment } from './augment.js';
import { claudeCode } from './claude-code.js';
import { claudePlugin } from './claude-plugin.js';
import { cline } from './cline.js';
import { codex } from './codex.js';
import { continueDev } from './continue.js';
import { copilot } from './copilot.js';
import { cursor } from './cursor.js';
import { deepagents } from './deepagents.js';
import { devin } from './devin.js';
import { factoryDroid } from './factory-droid.js';
import { geminiCli } from './gemini-cli.js';
import { goose } from './goose.js';
import { json } from './json.js';
import { junie } from './junie.js';
import { kiloCode } from './kilo-code.js';
import { kiro } from './kiro.js';
import { opencode } from './opencode.js';
import { qoder } from './qoder.js';
import { qwenCode } from './qwen-code.js';
import { rooCode } from './roo-code.js';
import { rovodev } from './rovodev.js';
import type { Target } from './target.js';

export const TARGETS: readonly Target[] = [
  agentSkills,
  agentsMd,
  amazonQ,
  antigravity,
  augment,
  claudeCode,
  claudePlugin,
  cline,
  codex,
  continueDev,
  copilot,
  cursor,
  deepagents,
  devin,
  factoryDroid,
  geminiCli,
  goose,
  json,
  junie,
  kiloCode,
  kiro,
  opencode,
  qoder,
  qwenCode,
  rooCode,
  rovodev,
];
