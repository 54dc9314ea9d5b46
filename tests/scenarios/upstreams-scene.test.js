// The example of support/upstreams/README.md, run as it stands there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { repository } from './support/gateway.js';
import { scene } from './support/scene.js';

const readme = await readFile(path.join(repository, 'tests/scenarios/support/upstreams/README.md'), 'utf8');
const [, example] = /```js\n([\s\S]*?)```/.exec(readme);
new Function('assert', 'scene', 'test', example)(assert, scene, test);
