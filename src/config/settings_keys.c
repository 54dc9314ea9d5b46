/* The keys of pinion.yaml: their types and bounds, and what people are told of them. */
#include "config/limit_keys.h"
#include "config/settings_draft.h"

static const char *const revoke_words[] = {"finish", "cut", NULL};

enum { WORKERS_MAX = 64 };
#define CALLERS_HINT                                                                               \
    "limits on calls belong into the endpoint's own file, under 'limits', or, for all endpoints, " \
    "under limits: {callers: {per_minute: 60}} here"

// clang-format off
static const struct key tls_keys[] = {
    {.name = "certificate", .type = KEY_CELL, .required = true, .types = KEY_OF(CELL_STRING), FIELD(struct settings_draft, certificate),
     .hint = "certificate: /etc/pinion/fullchain.pem, or wherever the file with the certificate is",
     .about = "The file with the certificate and its chain, as PEM.",
     .example = "/etc/pinion/fullchain.pem"},
    {.name = "key", .type = KEY_CELL, .required = true, .types = KEY_OF(CELL_STRING), FIELD(struct settings_draft, key),
     .hint = "key: /etc/pinion/privkey.pem, or wherever the file with the private key is",
     .about = "The file with the certificate's private key, as PEM.",
     .example = "/etc/pinion/privkey.pem"},
};
static const struct keys tls_table = KEYS_OF(tls_keys);

static const struct key caller_keys[] = {LIMIT_KEYS(struct settings_draft, settings.caller_limits)};
static const struct keys caller_table = KEYS_OF(caller_keys);

static const struct key limit_keys[] = {
    {.name = "connections", .type = KEY_COUNT, FIELD(struct settings_draft, settings.max_connections),
     .least = 1, .greatest = 1000000,
     .about = "How many connections may be open at once.",
     .example = "10000"},
    {.name = "body", .type = KEY_SIZE, FIELD(struct settings_draft, settings.max_body_bytes),
     .least = 1 << 10, .greatest = 64 << 20,
     .about = "How large the body of a request may be.",
     .example = "4MiB"},
    {.name = "request_timeout", .type = KEY_DURATION, FIELD(struct settings_draft, settings.request_timeout_ms),
     .least = 1000, .greatest = 600000,
     .about = "How long a request may take from its first byte to its last.",
     .example = "30s"},
    {.name = "write_stall", .type = KEY_DURATION, FIELD(struct settings_draft, settings.write_stall_ms),
     .least = 1000, .greatest = 600000,
     .about = "A client that takes nothing for so long is dropped.",
     .example = "30s"},
    {.name = "drain", .type = KEY_DURATION, FIELD(struct settings_draft, settings.drain_ms),
     .least = 1, .greatest = 3600000,
     .about = "How long a process that stops waits for calls under way.",
     .example = "30s"},
    {.name = "callers", .type = KEY_TABLE, .inside = &caller_table, .hint = "callers: {per_minute: 60}, of each token at each endpoint that does not say otherwise",
     .about = "Limits of each token at each endpoint whose own file does not say otherwise.",
     .example = "{per_minute: 60, tokens_per_minute: 100000}"},
    {.name = "per_minute", .type = KEY_ELSEWHERE, .hint = CALLERS_HINT},
    {.name = "per_hour", .type = KEY_ELSEWHERE, .hint = CALLERS_HINT},
    {.name = "tokens_per_minute", .type = KEY_ELSEWHERE, .hint = CALLERS_HINT},
    {.name = "concurrent", .type = KEY_ELSEWHERE, .hint = CALLERS_HINT},
};
static const struct keys limit_table = KEYS_OF(limit_keys);

static const struct key session_keys[] = {
    {.name = "retention", .type = KEY_DURATION, FIELD(struct settings_draft, settings.session_retention_ms),
     .least = 60000, .greatest = 3650.0 * 86400000, .hint = "retention: 90d; whatever an endpoint's ttl, no session is kept longer",
     .about = "No session is kept longer, whatever its endpoint's ttl.",
     .example = "90d"},
    {.name = "ttl", .type = KEY_ELSEWHERE, .hint = "how long a session waits for its next turn belongs into the endpoint's own file: session: {ttl: 30m}"},
};
static const struct keys session_table = KEYS_OF(session_keys);

static const char *const level_words[] = {"debug", "info", "warn", "error", NULL}; /* log_level */

static const char *const format_words[] = {"auto", "json", "console", NULL};       /* log_format */

static const struct key log_keys[] = {
    {.name = "file", .type = KEY_TEXT, FIELD(struct settings_draft, settings.log_file), .hint = "file: /var/log/pinion/pinion.log; without it, standard output",
     .about = "The file that log lines go to, instead of standard output; SIGHUP opens it anew.",
     .example = "/var/log/pinion/pinion.log"},
    {.name = "format", .type = KEY_CHOICE, FIELD(struct settings_draft, settings.log_format), .words = format_words, .hint = "format: json",
     .about = "How lines are written: auto (for people at a terminal, else JSON), json or console.",
     .example = "json"},
    {.name = "level", .type = KEY_CHOICE, FIELD(struct settings_draft, settings.log_level), .words = level_words, .hint = "level: warn",
     .about = "The least level of lines that are written: debug, info, warn or error.",
     .example = "warn"},
    {.name = "retention", .type = KEY_DURATION, FIELD(struct settings_draft, settings.log_retention_ms),
     .least = 60000, .greatest = 3650.0 * 86400000, .hint = "retention: 7d",
     .about = "How long the rows of the request log are kept.",
     .example = "7d"},
    {.name = "max_bytes", .type = KEY_SIZE, FIELD(struct settings_draft, settings.log_bytes_max),
     .least = 1 << 20, .greatest = 32.0 * (1 << 30), .hint = "max_bytes: 1GiB; the oldest rows go when there are more",
     .about = "How much the request log may take; the oldest rows go when there are more.",
     .example = "1GiB"},
    {.name = "content", .type = KEY_ELSEWHERE, .hint = "whether prompts and answers are kept belongs into the endpoint's own file: log: {content: redacted}"},
};
static const struct keys log_table = KEYS_OF(log_keys);

static const struct key metrics_keys[] = {
    {.name = "listen", .type = KEY_TEXT, FIELD(struct settings_draft, metrics), .hint = "listen: 127.0.0.1:9464",
     .about = "Where /metrics is listened for, by itself and without a token, and then not where callers are.",
     .example = "127.0.0.1:9464"},
    {.name = "series", .type = KEY_COUNT, FIELD(struct settings_draft, settings.metrics_series_max),
     .least = 10, .greatest = 50000, .hint = "series: 2000; what exceeds it is counted under endpoint=\"other\"",
     .about = "How many series each metric may have; what exceeds it is counted under endpoint=\"other\".",
     .example = "2000"},
    {.name = "per_token", .type = KEY_BOOLEAN, FIELD(struct settings_draft, settings.metrics_per_token), .hint = "per_token: true",
     .about = "Whether what each token has spent is a metric, pinion_token_cost_usd_total.",
     .example = "true"},
};
static const struct keys metrics_table = KEYS_OF(metrics_keys);

static const struct key cache_keys[] = {
    {.name = "memory", .type = KEY_SIZE, FIELD(struct settings_draft, settings.cache_memory_bytes),
     .greatest = 64.0 * (1 << 30), .hint = "memory: 64MiB; with 0B cached answers are in the store only",
     .about = "How much memory cached answers may take.",
     .example = "64MiB"},
    {.name = "disk", .type = KEY_SIZE, FIELD(struct settings_draft, settings.cache_disk_bytes),
     .greatest = 32.0 * (1 << 30), .hint = "disk: 1GiB; with 0B cached answers are in memory only, and a restart forgets them",
     .about = "How much of the store cached answers may take.",
     .example = "1GiB"},
    {.name = "max_ttl", .type = KEY_DURATION, FIELD(struct settings_draft, settings.cache_max_ms),
     .greatest = 365.0 * 86400000, .hint = "max_ttl: 10m; without it X-Cache-TTL has no effect where an endpoint has no 'cache'",
     .about = "The most that callers may ask for with X-Cache-TTL of endpoints that say nothing of a cache; without it they may not.",
     .example = "10m"},
    {.name = "ttl", .type = KEY_ELSEWHERE, .hint = "how long answers are kept belongs into the endpoint's own file: cache: {ttl: 1h}"},
    {.name = "scope", .type = KEY_ELSEWHERE, .hint = "whose calls an answer is for belongs into the endpoint's own file: cache: {ttl: 1h, scope: token}"},
};
static const struct keys cache_table = KEYS_OF(cache_keys);

static const struct key response_keys[] = {
    {.name = "ttl", .type = KEY_DURATION, FIELD(struct settings_draft, settings.response_ttl_ms),
     .least = 0, .greatest = 365.0 * 86400000, .hint = "ttl: 24h; with 0s none are stored, and clients send whole conversations",
     .about = "How long a response of /v1/responses may be gone on from or referred to by its id, counted from its last use; with 0s none are stored.",
     .example = "24h"},
    {.name = "max_bytes", .type = KEY_SIZE, FIELD(struct settings_draft, settings.response_bytes_max),
     .least = 1 << 20, .greatest = 32.0 * (1 << 30), .hint = "max_bytes: 1GiB; those that expire first go when there are more",
     .about = "How much stored responses may take; those that expire first go when there are more.",
     .example = "1GiB"},
};
static const struct keys response_table = KEYS_OF(response_keys);

static const struct key audit_keys[] = {
    {.name = "keep", .type = KEY_DURATION, FIELD(struct settings_draft, settings.audit_keep_ms),
     .least = 86400000, .greatest = 36500.0 * 86400000, .hint = "keep: 400d; without it, for ever",
     .about = "How long the audit log is kept; without it, for ever.",
     .example = "400d"},
};
static const struct keys audit_table = KEYS_OF(audit_keys);

static const struct key history_keys[] = {
    {.name = "keep", .type = KEY_COUNT, FIELD(struct settings_draft, settings.versions_kept),
     .least = 2, .greatest = HISTORY_KEEP_MAX, .hint = "keep: 100, the newest of each endpoint",
     .about = "How many versions of each endpoint are kept, to roll back to or to call; the oldest go.",
     .example = "100"},
};
static const struct keys history_table = KEYS_OF(history_keys);

static const struct key mcp_keys[] = {
    {.name = "origins", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct settings_draft, mcp_origins),
     .hint = "origins: [https://app.example.com]",
     .about = "Origins of web pages that may speak MCP from a browser; '*' in place of a port is any port.",
     .example = "[https://app.example.com, \"http://localhost:*\"]", .each_types = KEY_OF(CELL_STRING), .items_most = ORIGINS_MAX},
    {.name = "instructions", .type = KEY_TEXT, FIELD(struct settings_draft, settings.mcp_instructions),
     .hint = "instructions: Use the tools of this server for all texts of customers.",
     .about = "What clients tell their models about the tools, all together.",
     .example = "Use the tools of this server for all texts of customers."},
};
static const struct keys mcp_table = KEYS_OF(mcp_keys);

static const struct key settings_keys[] = {
    {.name = "listen", .type = KEY_TEXT, FIELD(struct settings_draft, listen), .hint = "listen: 127.0.0.1:8080",
     .about = "Where callers connect: an address and port, or unix: and a path.",
     .example = "127.0.0.1:8080"},
    {.name = "admin", .type = KEY_TEXT, FIELD(struct settings_draft, admin), .hint = "admin: unix:/run/pinion/admin.sock",
     .about = "Where the admin interface listens. Never make it public.",
     .example = "unix:/run/pinion/admin.sock"},
    {.name = "dashboard", .type = KEY_TEXT, FIELD(struct settings_draft, dashboard), .hint = "dashboard: 127.0.0.1:9090",
     .about = "Where the admin interface listens besides, for browsers: its dashboard needs a port. Never make it public.",
     .example = "127.0.0.1:9090"},
    {.name = "admin_hosts", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct settings_draft, admin_hosts),
     .hint = "admin_hosts: [pinion-admin.example]",
     .about = "Names of hosts under which an admin listener on a port may be addressed.",
     .example = "[pinion-admin.example]", .each_types = KEY_OF(CELL_STRING)},
    {.name = "routing_headers", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct settings_draft, routing_headers),
     .hint = "routing_headers: [x-tier, x-region]",
     .about = "Request headers that routing rules may look at; none that prove who somebody is.",
     .example = "[x-tier, x-region]", .each_types = KEY_OF(CELL_STRING)},
    {.name = "origins", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct settings_draft, origins), .hint = "origins: [https://app.example.com]",
     .about = "Which web pages may call, from a browser: aliases, models by their own names, and endpoints that list none themselves.",
     .example = "[https://app.example.com, \"http://localhost:*\"]", .each_types = KEY_OF(CELL_STRING)},
    {.name = "public_url", .type = KEY_TEXT, FIELD(struct settings_draft, public_url), .hint = "public_url: https://ai.example.com",
     .about = "How callers reach 'listen', for those who provision tokens.",
     .example = "https://ai.example.com"},
    {.name = "on_revoke", .type = KEY_CHOICE, FIELD(struct settings_draft, on_revoke), .words = revoke_words, .hint = "on_revoke: cut",
     .about = "Whether calls under way 'finish' when their token is revoked, or are 'cut'.",
     .example = "cut"},
    {.name = "tls", .type = KEY_TABLE, .inside = &tls_table, .hint = "tls: {certificate: FILE, key: FILE}",
     .about = "The certificate that 'listen' is served with.",
     .example = "{certificate: /etc/pinion/fullchain.pem, key: /etc/pinion/privkey.pem}"},
    {.name = "store", .type = KEY_TEXT, FIELD(struct settings_draft, settings.store), .hint = "store: /var/lib/pinion",
     .about = "The folder of everything durable: tokens, sessions, budgets, logs.",
     .example = "/var/lib/pinion"},
    {.name = "backups", .type = KEY_TEXT, FIELD(struct settings_draft, settings.backups), .hint = "backups: /var/backups/pinion",
     .about = "The folder that backups go to; without it, one within the store.",
     .example = "/var/backups/pinion"},
    {.name = "master_key", .type = KEY_CELL, .secret = true, .types = KEY_OF(CELL_STRING), FIELD(struct settings_draft, master_key),
     .hint = "master_key: \"${file:/etc/pinion/master.key}\"",
     .about = "The file with the key that sealed secrets are opened with.",
     .example = "\"${file:/etc/pinion/master.key}\""},
    {.name = "workers", .type = KEY_COUNT, FIELD(struct settings_draft, settings.workers),
     .least = 0, .greatest = WORKERS_MAX, .hint = "workers: 4; 0 means one per core",
     .about = "Threads that serve calls; 0 means one per core.",
     .example = "4"},
    {.name = "limits", .type = KEY_TABLE, .inside = &limit_table,
     .about = "Limits of the process, and those of callers where an endpoint has none of its own.",
     .example = "{connections: 10000, body: 4MiB}"},
    {.name = "sessions", .type = KEY_TABLE, .inside = &session_table, .hint = "sessions: {retention: 90d}",
     .about = "What holds for the sessions of all endpoints.",
     .example = "{retention: 90d}"},
    {.name = "mcp", .type = KEY_TABLE, .inside = &mcp_table, .hint = "mcp: {origins: [https://app.example.com]}",
     .about = "The Model Context Protocol, under which endpoints are tools.",
     .example = "{origins: [https://app.example.com]}"},
    {.name = "history", .type = KEY_TABLE, .inside = &history_table, .hint = "history: {keep: 100}",
     .about = "The versions that endpoints have had.",
     .example = "{keep: 100}"},
    {.name = "cache", .type = KEY_TABLE, .inside = &cache_table, .hint = "cache: {memory: 64MiB, disk: 1GiB}",
     .about = "Where cached answers are kept; which are is said in endpoints' own files.",
     .example = "{memory: 64MiB, disk: 1GiB}"},
    {.name = "responses", .type = KEY_TABLE, .inside = &response_table, .hint = "responses: {ttl: 24h, max_bytes: 1GiB}",
     .about = "The responses of /v1/responses that are stored.",
     .example = "{ttl: 24h, max_bytes: 1GiB}"},
    {.name = "metrics", .type = KEY_TABLE, .inside = &metrics_table, .hint = "metrics: {series: 2000, per_token: true}",
     .about = "What /metrics shows.",
     .example = "{series: 2000, per_token: true}"},
    {.name = "telemetry", .type = KEY_TABLE, .inside = &telemetry_table, .hint = "telemetry: {endpoint: \"http://127.0.0.1:4318\"}",
     .about = "Traces and metrics for a receiver of OTLP, as far as the environment (OTEL_...) does not say otherwise.",
     .example = "{endpoint: \"http://127.0.0.1:4318\"}"},
    {.name = "audit", .type = KEY_TABLE, .inside = &audit_table, .hint = "audit: {keep: 400d}",
     .about = "The log of who changed what.",
     .example = "{keep: 400d}"},
    {.name = "providers", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, providers),
     .hint = "providers: {openai: {kind: openai, key: \"${env:OPENAI_API_KEY}\"}}",
     .about = "Where calls can go, under names that endpoints refer to.",
     .example = "{openai: {kind: openai, key: \"${env:OPENAI_API_KEY}\"}}", .each = &provider_table},
    {.name = "templates", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, templates),
     .hint = "templates: {cheap: {provider: openai, model: gpt-4.1-nano}}",
     .about = "A provider, a model and parameters under a name, for routing rules and failover.",
     .example = "{cheap: {provider: openai, model: gpt-4.1-nano}}", .each = &template_table},
    {.name = "prices", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, prices),
     .hint = "prices: {\"openai/gpt-x\": {input: 0.4, output: 1.6}}",
     .about = "What models cost that the program does not know, or what you pay instead, in USD per million tokens.",
     .example = "{openai/gpt-x: {input: 0.4, output: 1.6}}", .each = &price_table},
    {.name = "projects", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, projects),
     .hint = "projects: {acme: {limits: {per_minute: 600}}}",
     .about = "Whose tokens share limits, money and a price.",
     .example = "{acme: {limits: {per_minute: 600}}}", .each = &project_table},
    {.name = "aliases", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, aliases),
     .hint = "aliases: {fast: openai:gpt-4o-mini}",
     .about = "Names under which clients of the OpenAI and Anthropic APIs call models, with what holds where they say nothing.",
     .example = "{fast: openai:gpt-4o-mini, editor: {model: anthropic:claude-haiku-4-5, system: You are a careful editor.}}", .each = &alias_table, .each_types = KEY_OF(CELL_STRING), .pattern = "^[a-z0-9][a-z0-9_-]*:."},
    {.name = "mounts", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct settings_draft, mounts),
     .hint = "mounts: [/api/ai/v1]",
     .about = "More paths under which everything is that is under /v1, for clients whose base URL cannot be changed.",
     .example = "[/v1/ai, /api/ai/v1]", .each_types = KEY_OF(CELL_STRING), .pattern = "^(/[A-Za-z0-9._-]+)+$"},
    {.name = "guardrails", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT) | KEY_OF(CELL_STRING), FIELD(struct settings_draft, guardrails), .hint = "guardrails: {pii: mask, secrets: block}",
     .about = "What is looked for in prompts and answers of all calls, as far as a project, an endpoint or a token does not say otherwise.",
     .example = "{pii: mask, secrets: block}", .words = guard_off_words, .inside = &guard_table},
    {.name = "budget", .type = KEY_CELL, .types = KEY_OF(CELL_OBJECT), FIELD(struct settings_draft, budget), .hint = "budget: {monthly_usd: 1000}, of all calls together",
     .about = "What may be spent by all calls together.",
     .example = "{monthly_usd: 1000}", .inside = &budget_table},
    {.name = "timezone", .type = KEY_TEXT, FIELD(struct settings_draft, timezone), .hint = "timezone: Europe/Berlin, for the days and months of budgets",
     .about = "Whose days and months budgets go by, as the IANA names it; without it, UTC.",
     .example = "Europe/Berlin"},
    {.name = "webhooks", .type = KEY_CELL, .types = KEY_OF(CELL_ARRAY), FIELD(struct settings_draft, webhooks),
     .hint = "webhooks: [{url: https://hooks.example.com/pinion, secret: \"${secret:hooks}\"}]",
     .about = "Who is told of events: budgets that come near their limit, endpoints that are not as usual, targets that fail.",
     .example = "[{url: https://hooks.example.com/pinion, secret: \"${secret:hooks}\", events: [budget, anomaly]}]", .each = &webhook_table, .items_most = WEBHOOKS_MAX},
    {.name = "log", .type = KEY_TABLE, .inside = &log_table, .hint = "log: {retention: 7d, max_bytes: 1GiB}",
     .about = "The log of requests, in the store.",
     .example = "{retention: 7d, max_bytes: 1GiB}"},
    {.name = "slug", .type = KEY_ELSEWHERE, .hint = "endpoints have a file each, in endpoints/"},
    {.name = "endpoints", .type = KEY_ELSEWHERE, .hint = "endpoints have a file each, in endpoints/"},
};
// clang-format on
const struct keys settings_table = KEYS_OF(settings_keys);
