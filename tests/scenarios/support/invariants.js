// Walks a store that no server has open and checks what must hold of any; gives its sums. `stopped`: it
// was ended cleanly.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { binary } from './gateway.js';

export const invariants = (store, ...words) =>
  JSON.parse(
    execFileSync(path.join(path.dirname(binary), 'tests/store/store_invariants'), [store, ...words], { encoding: 'utf8' }),
  );
