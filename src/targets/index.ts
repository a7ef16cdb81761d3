/** The targets that come with polyagent. A new one is a data file here, a template of its name, and a line in this list. */
import { claudeCode } from './claude-code.js';
import { codex } from './codex.js';
import { copilot } from './copilot.js';
import { cursor } from './cursor.js';
import { geminiCli } from './gemini-cli.js';
import { opencode } from './opencode.js';
import type { Target } from './target.js';

export const TARGETS: readonly Target[] = [claudeCode, codex, copilot, cursor, geminiCli, opencode];
