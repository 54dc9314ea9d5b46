// Every screen: where it is, what it is called, which verb its calls need, and the module that has it,
// which is loaded when it is first gone to. A module's export of the name in `part`, else its default one,
// is a component that gets {params, query, login}. Rows with `nav` stand in the navigation, in this order, below their group.
const author = () => import('./screens/author.js');
export const screens = [
  { path: '/', title: 'Overview', nav: 'Overview', group: 'Watch', verb: 'usage', load: () => import('./screens/overview.js') },
  { path: '/costs', title: 'Costs', nav: 'Costs', group: 'Watch', verb: 'usage', load: () => import('./screens/costs.js') },
  { path: '/requests', title: 'Requests', nav: 'Requests', group: 'Watch', verb: 'logs', load: () => import('./screens/requests.js') },
  { path: '/requests/:id', title: 'Request', verb: 'logs', load: () => import('./screens/request.js') },
  { path: '/providers', title: 'Providers', nav: 'Providers', group: 'Watch', verb: 'config', load: () => import('./screens/providers.js') },
  { path: '/endpoints', title: 'Endpoints', nav: 'Endpoints', group: 'Build', verb: 'config', part: 'Endpoints', load: author },
  { path: '/endpoints/:slug', title: 'Endpoint', verb: 'config', part: 'Endpoint', load: author },
  { path: '/endpoints/:slug/draft', title: 'Draft', verb: 'config', part: 'Draft', load: author },
  { path: '/tests', title: 'Tests', nav: 'Tests', group: 'Build', verb: 'config', part: 'TestsOf', load: author },
  { path: '/playground', title: 'Playground', nav: 'Playground', group: 'Build', verb: 'tokens:write', part: 'Playground', load: author },
  { path: '/explain', title: 'Explain routing', nav: 'Explain routing', group: 'Build', verb: 'config', part: 'Explain', load: author },
  { path: '/tokens', title: 'Tokens', nav: 'Tokens', group: 'Govern', verb: 'tokens:read', load: () => import('./screens/tokens.js') },
  { path: '/tokens/:id', title: 'Token', verb: 'tokens:read', part: 'Token', load: () => import('./screens/tokens.js') },
  { path: '/budgets', title: 'Budgets', nav: 'Budgets', group: 'Govern', verb: 'usage', part: 'Budgets', load: () => import('./screens/costs.js') },
  { path: '/sessions', title: 'Sessions', nav: 'Sessions', group: 'Govern', verb: 'sessions', load: () => import('./screens/sessions.js') },
  { path: '/sessions/:id', title: 'Session', verb: 'sessions', part: 'Session', load: () => import('./screens/sessions.js') },
  { path: '/secrets', title: 'Secrets', nav: 'Secrets', group: 'Govern', verb: 'secrets', part: 'Secrets', load: () => import('./screens/operate.js') },
  { path: '/backups', title: 'Backups', nav: 'Backups', group: 'Govern', verb: 'backup', part: 'Backups', load: () => import('./screens/operate.js') },
  { path: '/webhooks', title: 'Webhooks', nav: 'Webhooks', group: 'Govern', verb: 'config', part: 'Webhooks', load: () => import('./screens/operate.js') },
  { path: '/audit', title: 'Audit', nav: 'Audit', group: 'Govern', verb: 'audit', load: () => import('./screens/audit.js') },
];

/** What somebody sees who is logged in with a caller's token. */
export const callerScreens = [{ path: '/me', title: 'Your usage', nav: 'Usage', group: 'You', load: () => import('./screens/me.js') }];
