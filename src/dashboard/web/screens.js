// Every screen: where it is, what it is called, which verb its calls need, and the module that has it,
// which is loaded when it is first gone to. Its default export is a component that gets {params, query,
// login}. Rows with `nav` stand in the navigation, in this order, below their group.
export const screens = [
  { path: '/', title: 'Overview', nav: 'Overview', group: 'Watch', verb: 'usage', load: () => import('./screens/overview.js') },
  { path: '/costs', title: 'Costs', nav: 'Costs', group: 'Watch', verb: 'usage', load: () => import('./screens/costs.js') },
  { path: '/requests', title: 'Requests', nav: 'Requests', group: 'Watch', verb: 'logs', load: () => import('./screens/requests.js') },
  { path: '/requests/:id', title: 'Request', verb: 'logs', load: () => import('./screens/request.js') },
  { path: '/providers', title: 'Providers', nav: 'Providers', group: 'Watch', verb: 'config', load: () => import('./screens/providers.js') },
  { path: '/endpoints', title: 'Endpoints', nav: 'Endpoints', group: 'Build', verb: 'config', load: () => import('./screens/endpoints.js') },
  { path: '/endpoints/:slug', title: 'Endpoint', verb: 'config', load: () => import('./screens/endpoint.js') },
  { path: '/endpoints/:slug/draft', title: 'Draft', verb: 'config', load: () => import('./screens/draft.js') },
  { path: '/tests', title: 'Tests', nav: 'Tests', group: 'Build', verb: 'config', load: () => import('./screens/tests.js') },
  { path: '/playground', title: 'Playground', nav: 'Playground', group: 'Build', verb: 'tokens:write', load: () => import('./screens/playground.js') },
  { path: '/explain', title: 'Explain routing', nav: 'Explain routing', group: 'Build', verb: 'config', load: () => import('./screens/explain.js') },
  { path: '/tokens', title: 'Tokens', nav: 'Tokens', group: 'Govern', verb: 'tokens:read', load: () => import('./screens/tokens.js') },
  { path: '/tokens/:id', title: 'Token', verb: 'tokens:read', load: () => import('./screens/token.js') },
  { path: '/budgets', title: 'Budgets', nav: 'Budgets', group: 'Govern', verb: 'usage', load: () => import('./screens/budgets.js') },
  { path: '/sessions', title: 'Sessions', nav: 'Sessions', group: 'Govern', verb: 'sessions', load: () => import('./screens/sessions.js') },
  { path: '/sessions/:id', title: 'Session', verb: 'sessions', load: () => import('./screens/session.js') },
  { path: '/secrets', title: 'Secrets', nav: 'Secrets', group: 'Govern', verb: 'secrets', load: () => import('./screens/secrets.js') },
  { path: '/backups', title: 'Backups', nav: 'Backups', group: 'Govern', verb: 'backup', load: () => import('./screens/backups.js') },
  { path: '/webhooks', title: 'Webhooks', nav: 'Webhooks', group: 'Govern', verb: 'config', load: () => import('./screens/webhooks.js') },
  { path: '/audit', title: 'Audit', nav: 'Audit', group: 'Govern', verb: 'audit', load: () => import('./screens/audit.js') },
];

/** What somebody sees who is logged in with a caller's token. */
export const callerScreens = [{ path: '/me', title: 'Your usage', nav: 'Usage', group: 'You', load: () => import('./screens/me.js') }];
