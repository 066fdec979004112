/**
 * The arrows between the folders. strategy <- workflows <- worker; strategy <- client <- cli, web; activities <- worker.
 * Nobody imports cli, web or worker, except that the command line's `run` and `up` host a worker, and `up` and `web` the dashboard.
 */
const to = (folder) => `^${folder}/`;
const onlyFrom = (folder, allowed, comment) => ({
  name: `${folder}-imports`,
  comment,
  severity: 'error',
  from: { path: to(folder) },
  to: {
    path: '^(strategy|workflows|activities|worker|client|databases|rehearsal|cli|web|examples|bench|test)/',
    pathNot: allowed.map(to),
  },
});

module.exports = {
  forbidden: [
    onlyFrom('strategy', ['strategy'], 'strategy/ is pure and stands alone.'),
    {
      name: 'strategy-is-pure',
      comment: 'strategy/ has no I/O, no clock and no Node API.',
      severity: 'error',
      from: { path: to('strategy') },
      to: { dependencyTypes: ['core'] },
    },
    onlyFrom(
      'workflows',
      ['workflows', 'strategy', 'activities'],
      'workflows/ knows the strategy and the types of the activities.',
    ),
    {
      name: 'workflows-take-only-types-of-activities',
      comment: 'Activity code must not get into the workflow bundle.',
      severity: 'error',
      from: { path: to('workflows') },
      to: { path: to('activities'), dependencyTypesNot: ['type-only'] },
    },
    onlyFrom(
      'activities',
      ['activities', 'strategy'],
      'activities/ touch the world and know nothing of who calls them.',
    ),
    onlyFrom(
      'worker',
      ['worker', 'activities', 'strategy'],
      'worker/ puts activities and the workflow bundle together.',
    ),
    onlyFrom('client', ['client', 'strategy'], 'client/ is the public API and starts no worker.'),
    onlyFrom(
      'databases',
      ['databases', 'activities', 'strategy'],
      'databases/ acts on the databases of a plan without a run, by the code of the activities.',
    ),
    {
      name: 'only-their-verbs-reach-databases',
      comment: 'A verb acts on a database only where that is all it is for.',
      severity: 'error',
      from: { path: to('cli'), pathNot: '^cli/verbs/(reconcile|throttle|check)\\.ts$' },
      to: { path: to('databases') },
    },
    onlyFrom(
      'rehearsal',
      ['rehearsal', 'client', 'worker', 'activities', 'strategy'],
      'rehearsal/ hosts an engine and a worker for its trials, and acts on their runs as a client.',
    ),
    {
      name: 'only-one-verb-rehearses',
      comment: 'A rehearsal is started by its verb alone.',
      severity: 'error',
      from: { path: to('cli'), pathNot: '^cli/verbs/rehearse\\.ts$' },
      to: { path: to('rehearsal') },
    },
    onlyFrom(
      'cli',
      ['cli', 'client', 'strategy', 'databases', 'rehearsal', 'worker', 'web'],
      'cli/ draws and asks; it touches nothing itself.',
    ),
    {
      name: 'only-hosting-imports-worker',
      comment: 'The verbs that host an engine and a worker go through one file.',
      severity: 'error',
      from: { path: to('cli'), pathNot: '^cli/(hosting|verbs/(run|up|worker))\\.ts$' },
      to: { path: to('worker') },
    },
    {
      name: 'only-dashboard-imports-web',
      comment: 'The verbs that host the dashboard go through one file.',
      severity: 'error',
      from: { path: to('cli'), pathNot: '^cli/dashboard\\.ts$' },
      to: { path: to('web') },
    },
    onlyFrom('web', ['web', 'client', 'strategy'], 'web/ draws what client/ tells it.'),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['^dist/', 'node_modules'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
