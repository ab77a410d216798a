// Writes src/api/schema.ts: one TypeScript type a schema of the OpenAPI file.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const source = new URL('../../src/quintile/dashboard/openapi.yaml', import.meta.url);
const target = new URL('../src/api/schema.ts', import.meta.url);
const { schemas } = parse(readFileSync(source, 'utf8')).components;
const primitives = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean', null: 'null' };

function type(schema) {
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.allOf) return schema.allOf.map(type).map(group).join(' & ');
  if (schema.oneOf) return schema.oneOf.map(type).map(group).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const kinds = [schema.type].flat();
  return kinds.map((kind) => (kind === 'object' ? object(schema) : kind === 'array' ? array(schema) : primitives[kind])).join(' | ');
}
const group = (text) => (/[|&]/.test(text) && !text.startsWith('{') ? `(${text})` : text);
function array(schema) {
  if (schema.prefixItems) return `[${schema.prefixItems.map(type).join(', ')}]`;
  if (schema.maxItems === 2 && schema.minItems === 2) return `[${type(schema.items)}, ${type(schema.items)}]`;
  return `Array<${type(schema.items)}>`;
}
function object(schema) {
  const extra = schema.additionalProperties;
  if (!schema.properties) return `Record<string, ${extra && extra !== true ? type(extra) : 'unknown'}>`;
  const fields = Object.entries(schema.properties).map(
    ([name, value]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${type(value)}`,
  );
  return `{ ${fields.join('; ')} }`;
}

const lines = Object.entries(schemas).map(([name, schema]) => `export type ${name} = ${type(schema)};`);
writeFileSync(target, `// Made from openapi.yaml by scripts/types.mjs. Do not edit.\n${lines.join('\n')}\n`);
