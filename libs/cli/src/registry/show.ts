import { changeWords, engineWords, visibleLine, type ModelMeta } from '@temper/contracts';
import type { SignatureState } from '@temper/storage';
import { pc } from '../style.js';
import { ago, metric } from '../report/format.js';
import { table } from '../report/table.js';
import { openSession } from '../services/session.js';
import type { Terminal } from '../terminal.js';
import { headline } from './headline.js';

export async function showModel(terminal: Terminal, reference: string): Promise<void> {
  await using session = await openSession(terminal);
  const version = await session.client.models.get(reference);
  const { aliases, meta, files } = version;
  terminal.answer(version, () => {
    terminal.say(
      `${pc.bold(`${version.name}:${version.version}`)}  ${aliases.map((a) => `@${a}`).join(' ')}`,
    );
    terminal.say(
      `  ${meta.task}, ${meta.format === 'adapter' ? `adapter (${String(meta.method.type)})${over(meta)}` : 'full model'}`,
    );
    if (meta.labelNames.length) terminal.say(`  classes ${firstOf(meta.labelNames)}`);
    terminal.say(`  published ${ago(version.createdAt)} by ${version.runId}`);
    terminal.say(`  ${pc.dim(version.digest)}`);
    terminal.say(`  ${signatureWords(version.signature)}`);
    terminal.say();
    const scores = headline(version.metrics);
    const width = Math.max(11, ...scores.map(([name]) => name.length));
    for (const [name, value] of scores) terminal.say(`  ${name.padEnd(width)} ${metric(value)}`);
    terminal.say();
    terminal.say(
      table(
        ['file', 'bytes'],
        files.map((f) => [`  ${f.path}`, f.bytes.toLocaleString('en-US')]),
        { right: [1] },
      ),
    );
    terminal.say();
    const { forkedFrom, changes = [], approval: _, engine, code, ...digests } = meta.lineage;
    const { approval } = version;
    const lineage = [
      ['base', meta.base.digest],
      ...Object.entries(digests),
      ...(engine ? [['engine', [engineWords(engine), code].filter(Boolean).join(', ')]] : []),
      ...(forkedFrom ? [['forked from', `${forkedFrom.runId}, step ${forkedFrom.step}`]] : []),
      ...changes.map((c) => [`after step ${c.step}`, `${changeWords(c)}, by ${c.by}`]),
      ...(approval ? [['approved by', [approval.by, approval.comment].filter(Boolean).join(': ')]] : []),
    ];
    terminal.say(
      table(
        ['lineage', ''],
        lineage.map(([name, digest]) => [`  ${name}`, String(digest)]),
      ),
    );
  });
}

const over = ({ precision }: ModelMeta) => (precision ? ` over a base in ${precision}` : '');

function signatureWords(signature: SignatureState): string {
  switch (signature.state) {
    case 'unsigned':
      return 'unsigned';
    case 'signed':
      return `signed by key ${signature.keyIds.join(', ')} ${pc.dim('(not verified: TEMPER_TRUSTED_KEYS is not set)')}`;
    case 'verified':
      return `${pc.green('✔')} signed by ${signature.signer} ${pc.dim(`(key ${signature.keyId})`)}`;
    case 'refused':
      return `${pc.red('✖')} ${visibleLine(signature.why)}`;
  }
}

const SHOWN = 20;

const firstOf = (names: readonly string[]) =>
  names.length <= SHOWN
    ? names.map(visibleLine).join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${(names.length - SHOWN).toLocaleString('en-US')} more`;
