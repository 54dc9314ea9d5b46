// The cells of the matrix, and why some of them cannot be.
import { clients } from '../clients/index.js';
import { demoFeatures, demoLacks, demoToolFeatures } from './demo.js';
import { features } from './features.js';
import { providers } from './providers.js';
import { toolFeatures, toolLacks } from './tools.js';

const vendors = { anthropic: 'Anthropic', groq: 'Groq', deepseek: 'DeepSeek' };

// What is run for a cell; undefined: it cannot be.
export function featureOf(client, feature, provider) {
  const [scripted, own] = client.tools ? [toolFeatures, demoToolFeatures] : [features, demoFeatures];
  return (provider.protocol ? scripted : own)[feature];
}

// Why a client cannot do this with a provider; undefined: it can.
function impossible(client, feature, provider) {
  if (client.tools && toolLacks[feature]) return toolLacks[feature];
  if (feature === 'embeddings' && !client.embed) return `${client.package} has no call for embeddings`;
  if (feature === 'embeddings' && provider.embedder === undefined) return `${vendors[provider.name]} offers no embeddings`;
  if (feature === 'models' && !client.models) return `${client.package} has no call that lists models`;
  if (!featureOf(client, feature, provider)) return demoLacks;
  return undefined;
}

// {client, feature, provider, name, why?}; `name` is also the name of its test.
export function* cells(only = clients) {
  for (const client of only)
    for (const feature of Object.keys(features))
      for (const provider of providers)
        yield { client, feature, provider, name: `${client.name}: ${feature}, ${provider.name}`, why: impossible(client, feature, provider) };
}

// The matrix in Markdown: a table for each client, a row for each feature, a column for each provider. `results` is
// told the name of a cell and says 'pass' or what else became of it.
export function table(results, only = clients) {
  const notes = [];
  const noteOf = (why) => (notes.includes(why) ? notes.indexOf(why) + 1 : notes.push(why));
  const lines = only.flatMap((client) => [
    `### ${client.name}`,
    '',
    `| | ${providers.map(({ name }) => name).join(' | ')} |`,
    `|---|${'---|'.repeat(providers.length)}`,
    ...rowsOf(client, results, noteOf),
    '',
  ]);
  return [...lines, ...notes.map((why, i) => `[${i + 1}] ${why}.  `)].join('\n').trimEnd() + '\n';
}

function rowsOf(client, results, noteOf) {
  const rows = new Map();
  for (const { feature, name, why } of cells([client])) {
    const said = why ? `n/a [${noteOf(why)}]` : results(name);
    rows.set(feature, [...(rows.get(feature) ?? []), said]);
  }
  return [...rows].map(([feature, row]) => `| ${feature} | ${row.join(' | ')} |`);
}
