// Every screen: where it is, what it is called, which verb its calls need, and the module that has it,
// which is loaded when it is first gone to. A module's default export is a component that gets
// {params, query, login}. Rows with `nav` stand in the navigation, in this order, below their group.
export const screens = [
  { path: '/', title: 'Overview', nav: 'Overview', group: 'Watch', verb: 'usage', load: () => import('./screens/overview.js') },
  { path: '/costs', title: 'Costs', nav: 'Costs', group: 'Watch', verb: 'usage', load: () => import('./screens/costs.js') },
  { path: '/requests', title: 'Requests', nav: 'Requests', group: 'Watch', verb: 'logs', load: () => import('./screens/requests.js') },
  { path: '/requests/:id', title: 'Request', verb: 'logs', load: () => import('./screens/request.js') },
];

/** What somebody sees who is logged in with a caller's token. */
export const callerScreens = [{ path: '/me', title: 'Your usage', nav: 'Usage', group: 'You', load: () => import('./screens/me.js') }];
