/** The public names of polyagent. */
export { type Compilation, type CompileOptions, compile, type Sources } from './compile.js';
export type { Diagnostic, RuleLevels } from './diagnostics/report.js';
export type { Code, Severity } from './diagnostics/rules.js';
export type { FileText } from './diagnostics/source-text.js';
export type * from './ir.js';
export type { MarkdownParser } from './markdown/parser.js';
export { type Config, defineConfig, type TargetSetting } from './project/define-config.js';
export { compileTemplate } from './stages/emit/compile-template.js';
export type { OutputFile, Part, Templates } from './stages/emit/emit.js';
export type { Template, TemplateContext } from './stages/emit/templates.js';
export type { AgentGrant } from './stages/lower/account.js';
export type { ModelMap } from './stages/lower/model.js';
export type { Contribution } from './stages/merge/contribution.js';
export type { FragmentFile } from './stages/merge/fragments.js';
export type { SourceFile } from './stages/parse/parse.js';
export { TARGETS } from './targets/index.js';
export type * from './targets/target.js';
