/** Prints what VS Code makes of agent files, with its own parser and its own step from a parsed file to an agent. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { URI } from '@codingame/monaco-vscode-api/vscode/vs/base/common/uri';
import {
  getAttributeDefinition,
  getValidAttributeNames,
} from '@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/chat/common/promptSyntax/languageProviders/promptFileAttributes';
import { PromptFileParser } from '@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/chat/common/promptSyntax/promptFileParser';
import { CustomAgent } from '@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/chat/common/promptSyntax/service/promptsServiceImpl';
import { SpecedToolAliases } from '@codingame/monaco-vscode-api/vscode/vs/workbench/contrib/chat/common/tools/languageModelToolsService';

const files = process.argv.slice(2).map((file) => {
  const parsed = new PromptFileParser().parse(URI.file(path.resolve(file)), readFileSync(file, 'utf8'));
  const { name, description, model, tools, agentInstructions } = CustomAgent.fromParsedPromptFile(parsed, {});
  const errors = parsed.header ? parsed.header.errors.map(({ message }) => message) : ['there is no header'];
  return { file, errors, name, description, model, tools, prompt: agentInstructions.content };
});
const words = {
  keys: ['undefined', 'github-copilot'].flatMap((target) => getValidAttributeNames('agent', true, target)),
  efforts: getAttributeDefinition('reasoning-effort', 'agent', 'undefined').enums.map(({ name }) => name),
  toolSets: Object.values(SpecedToolAliases),
};
process.stdout.write(`\n${JSON.stringify({ files, words })}\n`, () => process.exit());
