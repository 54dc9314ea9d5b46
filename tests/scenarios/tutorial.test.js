// What docs/tutorial.md tells a newcomer to do is done here, in its order and as printed, on a new folder.
// The page has `serve --dev` take up changes by itself; here it is told, so that they are there.
import { describePage } from './support/page.js';

describePage('docs/tutorial.md', {
  course: true,
  args: ['--dev'],
  env: { OPENAI_API_KEY: undefined },
  turn: (command, { gateway }) => gateway.cli('reload'),
});
